import { EmailVerificationRequiredType } from '../../email-verification/graphql.ts';
import { builder } from '../../graphql/builder.ts';
import { costly } from '../../graphql/costly.ts';
import { anyone } from '../../graphql/errors.ts';
import { emailRule, passwordRule, tokenRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { ServerBusyError } from '../../kernel/errors.ts';
import { InvalidCredentialsError } from '../../proofs/password/errors.ts';
import { BUDGETS } from '../../rate-limit/budgets.ts';
import { boundedBy } from '../../rate-limit/field-budgets.ts';
import { applySignIn, MfaRequiredType, SignedInType } from '../../session/graphql.ts';
import { login } from './login.ts';

const LoginInput = builder.inputType('LoginInput', {
  description: 'An address and its password.',
  fields: (t) => ({
    email: t.field({
      type: 'EmailAddress',
      required: true,
      description: 'The address of the account.',
      validate: { schema: emailRule },
    }),
    password: t.string({
      required: true,
      description: 'Its password, exactly as chosen.',
      validate: { schema: passwordRule },
    }),
    deviceToken: t.string({
      description:
        'The `deviceToken` of an earlier sign-in on this device, if there is one: strangers who guess at the account then cannot make this device wait. In cookie mode the cookie carries it.',
      validate: { schema: tokenRule },
    }),
    registrationToken: t.string({
      description:
        'The `registrationToken` of this browser for the address, if it registered here and has not proven the address yet: the password of that registration is then answered with `EmailVerificationRequired`. Any other waiting registration is a wrong password.',
      validate: { schema: tokenRule },
    }),
  }),
});

builder.mutationField('login', (t) =>
  t.errorUnionField({
    budget: boundedBy(
      BUDGETS.signInSource,
      BUDGETS.signInSpray,
      BUDGETS.signInAccount,
      BUDGETS.signInDevice,
      BUDGETS.signInDevices,
      BUDGETS.signInsAccount,
      BUDGETS.signInsSource,
    ),
    ...costly,
    description: 'Signs in with an address and a password.',
    types: [
      SignedInType,
      MfaRequiredType,
      EmailVerificationRequiredType,
      InvalidCredentialsError,
      ServerBusyError,
      ...anyone,
    ],
    union: resultUnion('LoginResult', 'What a sign-in can come to, whichever way in.'),
    args: {
      input: t.arg({ type: LoginInput, required: true, description: 'The credentials.' }),
    },
    resolve: async (_root, { input }, context) => {
      const { deps, client, deadline } = context;
      const deviceToken = input.deviceToken ?? context.deviceCookie.read();
      const registrationToken = input.registrationToken ?? null;
      return applySignIn(
        context,
        await login(deps, { ...input, deviceToken, registrationToken }, client, deadline.signal),
      );
    },
  }),
);
