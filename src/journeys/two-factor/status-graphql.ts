import { builder } from '../../graphql/builder.ts';
import { enrolledSecondFactors, owesSecondFactor } from '../../proofs/second-factor/enrolled.ts';
import { ViewerType } from '../../session/graphql.ts';
import { isRestricted } from '../../session/restriction.ts';

type MfaStatus = {
  readonly totp: boolean;
  readonly email: boolean;
  readonly backupCodesRemaining: number;
  readonly enabled: boolean;
  readonly enrollmentRequired: boolean;
};

const MfaStatusType = builder.objectRef<MfaStatus>('MfaStatus').implement({
  description: 'The second factors of a person.',
  fields: (t) => ({
    enabled: t.exposeBoolean('enabled', {
      description: 'True when signing in asks for a second factor.',
    }),
    totp: t.exposeBoolean('totp', { description: 'True when an authenticator app is set up.' }),
    email: t.exposeBoolean('email', { description: 'True when codes by mail are set up.' }),
    backupCodesRemaining: t.exposeInt('backupCodesRemaining', {
      description: 'Unused backup codes. Zero for a person without a second factor.',
    }),
    enrollmentRequired: t.exposeBoolean('enrollmentRequired', {
      description:
        'True while this server asks everybody for a second factor (`authSettings.mfaRequired`) and this session has proven none. It can then only set one up, prove one with `reauthenticate`, or sign out; everything else answers MfaEnrollmentRequiredError, and its access token is good for no other service. Refresh it afterwards.',
    }),
  }),
});

builder.objectField(ViewerType, 'mfa', (t) =>
  t.field({
    type: MfaStatusType,
    description: 'Which second factors this person has.',
    skipTypeScopes: true,
    resolve: async ({ user, session }, _args, { deps }) => {
      const factors = await enrolledSecondFactors(deps.db, user.id);
      return {
        ...factors,
        enabled: owesSecondFactor(factors),
        enrollmentRequired: isRestricted(deps.config, session),
      };
    },
  }),
);
