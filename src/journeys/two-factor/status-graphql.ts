import { run } from '../../db/executor.ts';
import { builder } from '../../graphql/builder.ts';
import {
  type EnrolledFactors,
  enrolledSecondFactors,
  requiresSecondFactor,
} from '../../proofs/second-factor/enrolled.ts';
import { ViewerType } from '../../session/graphql.ts';
import { isRestricted } from '../../session/restriction.ts';

type MfaStatus = EnrolledFactors & {
  readonly enabled: boolean;
  readonly enrollmentRequired: boolean;
};

const MfaStatusType = builder.objectRef<MfaStatus>('MfaStatus').implement({
  description: 'The state of a person’s two-step verification.',
  fields: (t) => ({
    enabled: t.exposeBoolean('enabled', {
      description: 'True if signing in requires a second factor.',
    }),
    totp: t.exposeBoolean('totp', { description: 'True if an authenticator app is set up.' }),
    passkey: t.exposeBoolean('passkey', {
      description: 'True if signing in with a password asks for a passkey as a second factor.',
    }),
    email: t.exposeBoolean('email', { description: 'True if codes by email are set up.' }),
    backupCodesRemaining: t.exposeInt('backupCodesRemaining', {
      description: 'The number of unused backup codes. Zero for a person without a second factor.',
    }),
    enrollmentRequired: t.exposeBoolean('enrollmentRequired', {
      description:
        'True while this server requires two-step verification (`authSettings.mfaRequired`) and this session has not proven a second factor. The session can then only set one up, prove one with `reauthenticate`, or sign out. Every other operation returns MfaEnrollmentRequiredError, and no other service accepts the access token. Refresh the token afterwards.',
    }),
  }),
});

builder.objectField(ViewerType, 'mfa', (t) =>
  t.field({
    type: MfaStatusType,
    description: 'The second factors of this person.',
    skipTypeScopes: true,
    resolve: async ({ user, session }, _args, { deps }) => {
      const factors = await run(deps.db, enrolledSecondFactors(user.id));
      return {
        ...factors,
        enabled: requiresSecondFactor(factors),
        enrollmentRequired: isRestricted(deps.config, session),
      };
    },
  }),
);
