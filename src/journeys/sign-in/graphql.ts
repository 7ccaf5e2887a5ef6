import { EmailVerificationRequiredType } from '../../email-verification/graphql.ts';
import { builder } from '../../graphql/builder.ts';
import { anyone } from '../../graphql/errors.ts';
import { emailRule, passwordRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { ServerBusyError } from '../../kernel/errors.ts';
import { InvalidCredentialsError } from '../../proofs/password/errors.ts';
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
  }),
});

builder.mutationField('login', (t) =>
  t.errorUnionField({
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
      const { deps, client, signal } = context;
      return applySignIn(context, await login(deps, input, client, signal));
    },
  }),
);
