import { EmailSentType } from '../../email-verification/graphql.ts';
import { builder } from '../../graphql/builder.ts';
import { costly } from '../../graphql/costly.ts';
import { anyone } from '../../graphql/errors.ts';
import { codeRule, tokenRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { ServerBusyError } from '../../kernel/errors.ts';
import {
  ChallengeExpiredError,
  InvalidCodeError,
  MfaNotEnabledError,
} from '../../proofs/second-factor/errors.ts';
import { MfaMethodType } from '../../proofs/second-factor/graphql.ts';
import { limitedBy } from '../../rate-limit/limits.ts';
import { RULES } from '../../rate-limit/rules.ts';
import { applySignIn, SignedInType } from '../../sign-in-gate/graphql.ts';
import { sendMfaEmailCode } from './send-mfa-email-code.ts';
import { verifyMfa } from './verify-mfa.ts';

const VerifyMfaInput = builder.inputType('VerifyMfaInput', {
  description: 'A code of a second factor, for a challenge.',
  fields: (t) => ({
    challengeToken: t.string({
      required: true,
      description: 'The `challengeToken` of MfaRequired.',
      validate: { schema: tokenRule },
    }),
    method: t.field({
      type: MfaMethodType,
      required: true,
      description: 'One of the challenge’s `methods` except PASSKEY.',
    }),
    code: t.string({
      required: true,
      description:
        'TOTP: the 6 digits in the authenticator app. EMAIL: the 8 digits in the mail. BACKUP_CODE: the code, in upper or lower case. Spaces, dashes and invisible characters are ignored.',
      validate: { schema: codeRule },
    }),
  }),
});

builder.mutationField('verifyMfa', (t) =>
  t.errorUnionField({
    // Each challenge allows five attempts and one success.
    rateLimits: limitedBy(RULES.signInsAccount, RULES.signInsSource),
    ...costly,
    description:
      'Complete a sign-in with a second factor. A challenge allows five attempts over all methods; an account allows thirty wrong codes a day.',
    types: [SignedInType, InvalidCodeError, ChallengeExpiredError, ServerBusyError, ...anyone],
    union: resultUnion('verifyMfa'),
    args: {
      input: t.arg({
        type: VerifyMfaInput,
        required: true,
        description: 'The code of the second factor.',
      }),
    },
    resolve: async (_root, { input }, context) => {
      const { deps, client, deadline } = context;
      return applySignIn(context, await verifyMfa(deps, input, client, deadline.signal));
    },
  }),
);

const SendMfaEmailCodeInput = builder.inputType('SendMfaEmailCodeInput', {
  description: 'The challenge that a code is requested for.',
  fields: (t) => ({
    challengeToken: t.string({
      required: true,
      description: 'The `challengeToken` of MfaRequired.',
      validate: { schema: tokenRule },
    }),
  }),
});

builder.mutationField('sendMfaEmailCode', (t) =>
  t.errorUnionField({
    rateLimits: limitedBy(RULES.codeMailBurst, RULES.codeMailDay),
    ...costly,
    description:
      'Mail a code for a challenge that lists EMAIL, up to three times. The code is valid until the challenge expires. A newer code replaces it and does not reset the attempts.',
    types: [EmailSentType, ChallengeExpiredError, MfaNotEnabledError, ...anyone],
    union: resultUnion('sendMfaEmailCode'),
    args: {
      input: t.arg({
        type: SendMfaEmailCodeInput,
        required: true,
        description: 'The challenge.',
      }),
    },
    resolve: async (_root, { input }, { deps, client }) =>
      await sendMfaEmailCode(deps, input.challengeToken, client),
  }),
);
