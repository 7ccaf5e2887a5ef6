import { builder } from '../../graphql/builder.ts';
import { costly } from '../../graphql/costly.ts';
import { signedInOnly } from '../../graphql/errors.ts';
import { passwordRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { requireViewer } from '../../graphql/viewer.ts';
import { ServerBusyError } from '../../kernel/errors.ts';
import { InvalidCredentialsError } from '../../proofs/password/errors.ts';
import { applySignIn, SignedInType } from '../../session/graphql.ts';
import { reauthenticateWithPassword } from './reauthenticate.ts';

const ReauthenticateInput = builder.inputType('ReauthenticateInput', {
  description: 'One proof of who holds the session.',
  isOneOf: true,
  fields: (t) => ({
    password: t.string({
      description: 'The account’s password.',
      validate: { schema: passwordRule },
    }),
  }),
});

builder.mutationField('reauthenticate', (t) =>
  t.errorUnionField({
    ...costly,
    description:
      'Proves again who holds this session, before something sensitive. The session goes on with new tokens and a fresh `authenticatedAt`.',
    authScopes: { signedIn: true },
    types: [SignedInType, InvalidCredentialsError, ServerBusyError, ...signedInOnly],
    union: resultUnion('ReauthenticateResult', 'What proving oneself again can come to.'),
    args: {
      input: t.arg({ type: ReauthenticateInput, required: true, description: 'The proof.' }),
    },
    resolve: async (_root, { input }, context) => {
      const { deps, client, signal } = context;
      const viewer = await requireViewer(context);
      if (input.password == null) {
        throw new TypeError('A @oneOf input without a member reached its resolver.');
      }
      return applySignIn(
        context,
        await reauthenticateWithPassword(deps, viewer, input.password, client, signal),
      );
    },
  }),
);
