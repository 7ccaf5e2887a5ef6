import { emailRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { adminRequest } from '../context.ts';
import { builder, writable } from '../graphql/builder.ts';
import { everyone } from '../graphql/errors.ts';
import { idsRule, ipAddressRule } from '../inputs.ts';
import { accountRequest, REASON, reasonedInput, USER_ID } from './fields.ts';
import { resendVerification, type VerificationSent } from './resend-verification.ts';
import { type LimitsReset, resetLimits } from './reset-limits.ts';
import { revokeUserSessions, type UserSessionsRevoked } from './revoke-sessions.ts';
import { type PasswordResetSent, sendPasswordReset } from './send-password-reset.ts';

const PasswordResetSentType = builder.objectRef<PasswordResetSent>('PasswordResetSent').implement({
  description: 'The mail is on its way. Nothing changes until the person uses it.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'When the mail was requested.' }),
  }),
});

const SendPasswordResetInput = reasonedInput(
  'SendPasswordResetInput',
  'The person to whom the mail is sent.',
);

builder.mutationField('sendPasswordReset', (t) =>
  t.errorUnionField({
    ...writable('USERS_WRITE'),
    description:
      'Mail a person a link with which they choose a new password. The caller learns neither the link nor the password. A disabled account is answered with InvalidInputError.',
    types: [PasswordResetSentType, NotFoundError, ...everyone],
    union: resultUnion('sendPasswordReset'),
    args: {
      input: t.arg({ type: SendPasswordResetInput, required: true, description: 'The person.' }),
    },
    resolve: async (_root, { input }, context) =>
      await sendPasswordReset(context.deps, await accountRequest(context, 'USERS_WRITE', input)),
  }),
);

const VerificationSentType = builder.objectRef<VerificationSent>('VerificationSent').implement({
  description: 'The mail is on its way.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'When the mail was requested.' }),
  }),
});

const ResendVerificationInput = builder.inputType('ResendVerificationInput', {
  description: 'The address to verify.',
  fields: (t) => ({
    email: t.field({
      type: 'EmailAddress',
      required: true,
      description: 'The address of an account or of a registration that waits.',
      validate: { schema: emailRule },
    }),
  }),
});

builder.mutationField('resendVerification', (t) =>
  t.errorUnionField({
    ...writable('USERS_WRITE'),
    description:
      'Mail the proof of an address again, to an account whose address is not verified or to a registration that waits. If there is neither: NotFoundError.',
    types: [VerificationSentType, NotFoundError, ...everyone],
    union: resultUnion('resendVerification'),
    args: {
      input: t.arg({ type: ResendVerificationInput, required: true, description: 'The address.' }),
    },
    resolve: async (_root, { input }, context) => {
      const request = await adminRequest(context, 'USERS_WRITE');
      return await resendVerification(context.deps, request, input.email);
    },
  }),
);

const LimitsResetType = builder.objectRef<LimitsReset>('LimitsReset').implement({
  description: 'The rate limits have forgotten what they had counted.',
  fields: (t) => ({
    limits: t.stringList({
      description: 'The names of the limits that had counted something; empty if none had.',
      resolve: ({ limits }) => [...limits],
    }),
  }),
});

const ResetLimitsInput = builder.inputType('ResetLimitsInput', {
  description: 'The address, the source, or both, whose limits are reset.',
  fields: (t) => ({
    email: t.field({
      type: 'EmailAddress',
      description:
        'An address, with or without an account. The limits of its account are reset too.',
      validate: { schema: emailRule },
    }),
    ipAddress: t.string({
      description:
        'The IP address of a source. The limits of the networks around it are reset too.',
      validate: { schema: ipAddressRule },
    }),
    reason: t.string(REASON),
  }),
});

builder.mutationField('resetLimits', (t) =>
  t.errorUnionField({
    ...writable('USERS_WRITE'),
    description:
      'Reset the rate limits of an address or a source. First make sure that there is no attack: an attacker gets all attempts again. The limits of second factors stay.',
    types: [LimitsResetType, NotFoundError, ...everyone],
    union: resultUnion('resetLimits'),
    args: {
      input: t.arg({
        type: ResetLimitsInput,
        required: true,
        description: 'The address, the source, or both.',
      }),
    },
    resolve: async (_root, { input }, context) => {
      const { email = null, ipAddress = null, reason } = input;
      const request = await adminRequest(context, 'USERS_WRITE', reason);
      return await resetLimits(context.deps, request, { email, ipAddress });
    },
  }),
);

const UserSessionsRevokedType = builder
  .objectRef<UserSessionsRevoked>('UserSessionsRevoked')
  .implement({
    description: 'The sessions end with their next request.',
    fields: (t) => ({
      count: t.exposeInt('count', { description: 'How many live sessions ended.' }),
    }),
  });

const RevokeUserSessionsInput = builder.inputType('RevokeUserSessionsInput', {
  description: 'The sessions to end.',
  fields: (t) => ({
    userId: t.id(USER_ID),
    sessionIds: t.idList({
      description:
        'The ids of the sessions, at most 100. Omitted or null means every session; an empty list means none.',
      validate: { schema: idsRule },
    }),
    reason: t.string(REASON),
  }),
});

builder.mutationField('revokeUserSessions', (t) =>
  t.errorUnionField({
    ...writable('SESSIONS_REVOKE'),
    description:
      'End sessions of a person. Services that verify access tokens themselves accept existing ones for up to ACCESS_TOKEN_TTL. The person can sign in again.',
    types: [UserSessionsRevokedType, NotFoundError, ...everyone],
    union: resultUnion('revokeUserSessions'),
    args: {
      input: t.arg({ type: RevokeUserSessionsInput, required: true, description: 'The sessions.' }),
    },
    resolve: async (_root, { input }, context) => {
      const request = await accountRequest(context, 'SESSIONS_REVOKE', input);
      const sessionIds = input.sessionIds ?? null;
      return await revokeUserSessions(context.deps, { ...request, sessionIds });
    },
  }),
);
