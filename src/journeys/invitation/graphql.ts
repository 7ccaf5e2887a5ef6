import { PasswordNeededType } from '../../email-verification/graphql.ts';
import { builder } from '../../graphql/builder.ts';
import { costly } from '../../graphql/costly.ts';
import { anyone } from '../../graphql/errors.ts';
import { nameRule, passwordRule, readName, tokenRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { InvalidTokenError, ServerBusyError } from '../../kernel/errors.ts';
import { WeakPasswordError } from '../../proofs/password/errors.ts';
import { limitedBy } from '../../rate-limit/limits.ts';
import { RULES } from '../../rate-limit/rules.ts';
import { applySignIn, MfaRequiredType, SignedInType } from '../../sign-in-gate/graphql.ts';
import { acceptInvitation } from './accept-invitation.ts';

const AcceptInvitationInput = builder.inputType('AcceptInvitationInput', {
  description: 'The token of the invitation, and what the invited person chooses.',
  fields: (t) => ({
    token: t.string({
      required: true,
      description: 'The `token` of the link in the mail.',
      validate: { schema: tokenRule },
    }),
    password: t.string({
      description:
        'The new password. See `authSettings` for its length. Without it the result is PasswordNeeded, and the invitation stays valid.',
      validate: { schema: passwordRule },
    }),
    name: t.string({
      description:
        'The name that the person wants to be called by. Without it, the account has the name that the administrator gave.',
      validate: { schema: nameRule },
    }),
  }),
});

builder.mutationField('acceptInvitation', (t) =>
  t.errorUnionField({
    rateLimits: limitedBy(
      RULES.mailProof,
      RULES.mailBurst,
      RULES.mailDay,
      RULES.signInsAccount,
      RULES.signInsSource,
    ),
    ...costly,
    description:
      'Accept the invitation of an administrator: the account gets the password, its address counts as verified, and the person is signed in with the roles of the invitation. A person with a second factor is then asked for it. The link alone does nothing: ask for a password first.',
    types: [
      SignedInType,
      MfaRequiredType,
      PasswordNeededType,
      InvalidTokenError,
      WeakPasswordError,
      ServerBusyError,
      ...anyone,
    ],
    union: resultUnion('acceptInvitation'),
    args: {
      input: t.arg({
        type: AcceptInvitationInput,
        required: true,
        description: 'The token and the password.',
      }),
    },
    resolve: async (_root, { input }, context) => {
      const { deps, client, deadline } = context;
      const acceptance = {
        token: input.token,
        password: input.password ?? null,
        name: readName(input.name) ?? null,
      };
      const accepted = await acceptInvitation(deps, acceptance, client, deadline.signal);
      return applySignIn(context, accepted);
    },
  }),
);
