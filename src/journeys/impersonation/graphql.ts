import { builder } from '../../graphql/builder.ts';
import { anyone } from '../../graphql/errors.ts';
import { tokenRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { InvalidTokenError } from '../../kernel/errors.ts';
import { limitedBy } from '../../rate-limit/limits.ts';
import { RULES } from '../../rate-limit/rules.ts';
import { applySignIn, SignedInType } from '../../sign-in-gate/graphql.ts';
import { completeHandover } from './complete-handover.ts';

const CompleteHandoverInput = builder.inputType('CompleteHandoverInput', {
  description: 'The token with which an administrator may act as a person.',
  fields: (t) => ({
    handoverToken: t.string({
      required: true,
      description: 'The token that the administrator was given.',
      validate: { schema: tokenRule },
    }),
  }),
});

builder.mutationField('completeHandover', (t) =>
  t.errorUnionField({
    // Each token was counted toward the limit of the administrator who asked for it.
    rateLimits: limitedBy(RULES.administration),
    description:
      'Start a session in which an administrator acts as a person (`Session.impersonatedBy`). It reads and signs out, and changes nothing. The token works once, for a minute. In cookie mode, the result is InvalidInputError if the browser is signed in.',
    types: [SignedInType, InvalidTokenError, ...anyone],
    union: resultUnion('completeHandover'),
    args: {
      input: t.arg({ type: CompleteHandoverInput, required: true, description: 'The token.' }),
    },
    resolve: async (_root, { input: { handoverToken } }, context) => {
      const { deps, client, refreshCookie } = context;
      const cookie = refreshCookie.read();
      return applySignIn(context, await completeHandover(deps, { handoverToken, cookie, client }));
    },
  }),
);
