import { EmailVerificationRequiredType } from '../../email-verification/graphql.ts';
import { builder } from '../../graphql/builder.ts';
import { costly } from '../../graphql/costly.ts';
import { anyone } from '../../graphql/errors.ts';
import { emailRule, passwordRule, tokenRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { ServerBusyError } from '../../kernel/errors.ts';
import { InvalidCredentialsError } from '../../proofs/password/errors.ts';
import { limitedBy } from '../../rate-limit/limits.ts';
import { RULES } from '../../rate-limit/rules.ts';
import { applySignIn, MfaRequiredType, SignedInType } from '../../sign-in-gate/graphql.ts';
import { login } from './login.ts';

const LoginInput = builder.inputType('LoginInput', {
  description: 'An email address and a password.',
  fields: (t) => ({
    email: t.field({
      type: 'EmailAddress',
      required: true,
      description: 'The email address of the account.',
      validate: { schema: emailRule },
    }),
    password: t.string({
      required: true,
      description: 'The password, exactly as it was chosen.',
      validate: { schema: passwordRule },
    }),
    deviceToken: t.string({
      description:
        'The `deviceToken` of an earlier sign-in on this device, if there is one. With it, strangers who guess the account’s password cannot make this device wait. In cookie mode the cookie carries it.',
      validate: { schema: tokenRule },
    }),
    registrationToken: t.string({
      description:
        'The `registrationToken` of this browser for the address, if the person registered here and has not verified the address yet. The password of that registration then returns `EmailVerificationRequired`. The password of any other pending registration counts as wrong.',
      validate: { schema: tokenRule },
    }),
  }),
});

builder.mutationField('login', (t) =>
  t.errorUnionField({
    rateLimits: limitedBy(
      RULES.signInSource,
      RULES.signInSpray,
      RULES.signInAccount,
      RULES.signInDevice,
      RULES.signInDevices,
      RULES.signInsAccount,
      RULES.signInsSource,
    ),
    ...costly,
    description: 'Sign in with an email address and a password.',
    types: [
      SignedInType,
      MfaRequiredType,
      EmailVerificationRequiredType,
      InvalidCredentialsError,
      ServerBusyError,
      ...anyone,
    ],
    union: resultUnion('login'),
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
