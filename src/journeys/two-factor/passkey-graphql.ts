import { builder } from '../../graphql/builder.ts';
import { costly } from '../../graphql/costly.ts';
import { anyone, requiresStepUp, requiresStepUpToEnroll, sensitive } from '../../graphql/errors.ts';
import { tokenRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { requireViewer } from '../../graphql/viewer.ts';
import { NotFoundError, ServerBusyError } from '../../kernel/errors.ts';
import { InvalidPasskeyError } from '../../proofs/passkey/errors.ts';
import {
  PasskeyProofInput,
  PasskeyRequestType,
  readPasskeyProof,
} from '../../proofs/passkey/graphql.ts';
import {
  ChallengeExpiredError,
  MfaAlreadyEnabledError,
  MfaNotEnabledError,
} from '../../proofs/second-factor/errors.ts';
import { LIMITED_CHANGE, limitedBy } from '../../rate-limit/limits.ts';
import { RULES } from '../../rate-limit/rules.ts';
import { applySignIn, SignedInType } from '../../sign-in-gate/graphql.ts';
import { disableFactor } from './disable-factor.ts';
import { enablePasskeyMfa } from './enable-passkey-mfa.ts';
import { enrollingStepUp, MfaDisabledType, MfaEnabledType } from './graphql.ts';
import { startPasskeyMfa } from './start-passkey-mfa.ts';
import { verifyPasskeyMfa } from './verify-passkey-mfa.ts';

const StartPasskeyMfaInput = builder.inputType('StartPasskeyMfaInput', {
  description: 'The challenge that a passkey is to complete.',
  fields: (t) => ({
    challengeToken: t.string({
      required: true,
      description: 'The `challengeToken` of MfaRequired.',
      validate: { schema: tokenRule },
    }),
  }),
});

builder.mutationField('startPasskeyMfa', (t) =>
  t.errorUnionField({
    // It writes nothing.
    rateLimits: limitedBy(),
    description:
      'Start completing a challenge that lists PASSKEY. Any passkey of the person may answer. Returns MfaNotEnabledError if the challenge does not list it.',
    types: [PasskeyRequestType, ChallengeExpiredError, MfaNotEnabledError, ...anyone],
    union: resultUnion('startPasskeyMfa'),
    args: {
      input: t.arg({ type: StartPasskeyMfaInput, required: true, description: 'The challenge.' }),
    },
    resolve: async (_root, { input }, { deps }) =>
      await startPasskeyMfa(deps, input.challengeToken),
  }),
);

const VerifyPasskeyMfaInput = builder.inputType('VerifyPasskeyMfaInput', {
  description: 'The proof with a passkey, for a challenge.',
  fields: (t) => ({
    challengeToken: t.string({
      required: true,
      description: 'The `challengeToken` of MfaRequired.',
      validate: { schema: tokenRule },
    }),
    proof: t.field({
      type: PasskeyProofInput,
      required: true,
      description: 'The token of `startPasskeyMfa`, and the result of the browser.',
    }),
  }),
});

builder.mutationField('verifyPasskeyMfa', (t) =>
  t.errorUnionField({
    // Each challenge allows five attempts and one success.
    rateLimits: limitedBy(RULES.signInsAccount, RULES.signInsSource),
    ...costly,
    description:
      'Complete a sign-in with a passkey as the second factor. It counts as one of the five attempts that a challenge allows over all methods.',
    types: [SignedInType, ChallengeExpiredError, InvalidPasskeyError, ...anyone],
    union: resultUnion('verifyPasskeyMfa'),
    args: {
      input: t.arg({
        type: VerifyPasskeyMfaInput,
        required: true,
        description: 'The proof with a passkey.',
      }),
    },
    resolve: async (_root, { input }, context) => {
      const { deps, client } = context;
      const { challengeToken } = input;
      const presented = { challengeToken, proof: readPasskeyProof(input.proof) };
      return applySignIn(context, await verifyPasskeyMfa(deps, presented, client));
    },
  }),
);

builder.mutationField('enablePasskeyMfa', (t) =>
  t.errorUnionField({
    rateLimits: LIMITED_CHANGE,
    ...costly,
    ...requiresStepUpToEnroll,
    description:
      'Make the passkeys of this person a second factor: signing in with a password then asks for one. Returns NotFoundError for a person without a passkey, and if this server offers none. Every other session is ended.',
    types: [
      MfaEnabledType,
      MfaAlreadyEnabledError,
      NotFoundError,
      ServerBusyError,
      ...enrollingStepUp,
    ],
    union: resultUnion('enablePasskeyMfa'),
    resolve: async (_root, _args, context) => {
      const { deps, client, deadline } = context;
      return await enablePasskeyMfa(deps, await requireViewer(context), client, deadline.signal);
    },
  }),
);

builder.mutationField('disablePasskeyMfa', (t) =>
  t.errorUnionField({
    rateLimits: LIMITED_CHANGE,
    ...requiresStepUp,
    description:
      'Stop asking for a passkey as a second factor. The passkeys stay and can still sign in. If they are the last second factor, the backup codes are removed. Every other session is ended.',
    types: [MfaDisabledType, MfaNotEnabledError, ...sensitive],
    union: resultUnion('disablePasskeyMfa'),
    resolve: async (_root, _args, context) =>
      await disableFactor(context.deps, await requireViewer(context), 'passkey', context.client),
  }),
);
