import { EmailSentType } from '../../email-verification/graphql.ts';
import { builder } from '../../graphql/builder.ts';
import { costly } from '../../graphql/costly.ts';
import {
  enrolling,
  requiresStepUp,
  requiresStepUpToEnroll,
  sensitive,
} from '../../graphql/errors.ts';
import { codeRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { requireViewer } from '../../graphql/viewer.ts';
import { ServerBusyError, StepUpRequiredError } from '../../kernel/errors.ts';
import {
  InvalidCodeError,
  MailboxOnlyError,
  MfaAlreadyEnabledError,
  MfaNotEnabledError,
} from '../../proofs/second-factor/errors.ts';
import { LIMITED_CHANGE, limitedChange } from '../../rate-limit/limits.ts';
import { RULES } from '../../rate-limit/rules.ts';
import { ViewerType } from '../../session/graphql.ts';
import { confirmEmailMfa } from './confirm-email-mfa.ts';
import { confirmTotp } from './confirm-totp.ts';
import { disableFactor, type MfaDisabled } from './disable-factor.ts';
import { enableEmailMfa } from './enable-email-mfa.ts';
import { enableTotp, type TotpEnrollment } from './enable-totp.ts';
import type { MfaEnabled } from './mfa-enabled.ts';
import { type BackupCodesGenerated, regenerateBackupCodes } from './regenerate-backup-codes.ts';

export const enrollingStepUp = [...enrolling, StepUpRequiredError] as const;

const TotpEnrollmentType = builder.objectRef<TotpEnrollment>('TotpEnrollment').implement({
  description:
    'A secret for an authenticator app. It is pending until `confirmTotp` or `expiresAt`. While it is pending, `enableTotp` returns it again to the session that requested it.',
  fields: (t) => ({
    secret: t.exposeString('secret', { description: 'The secret in Base32, for manual entry.' }),
    otpauthUri: t.expose('otpauthUri', {
      type: 'URL',
      description: 'The key URI that an authenticator app opens.',
    }),
    qrCode: t.expose('qrCode', {
      type: 'URL',
      description: 'The key URI as a QR code: an SVG data URL.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When the secret expires if it is not confirmed.',
    }),
  }),
});

export const MfaEnabledType = builder.objectRef<MfaEnabled>('MfaEnabled').implement({
  description: 'A second factor was enabled. Every other session was ended.',
  fields: (t) => ({
    backupCodes: t.stringList({
      nullable: true,
      description:
        'Ten backup codes, returned only when the first second factor is enabled and never shown again. Null if the person already has a set.',
      resolve: (enabled) => enabled.backupCodes && [...enabled.backupCodes],
    }),
    viewer: t.field({
      type: ViewerType,
      description: 'The person, with the new factor.',
      resolve: (enabled) => enabled.viewer,
    }),
  }),
});

export const MfaDisabledType = builder.objectRef<MfaDisabled>('MfaDisabled').implement({
  description: 'A second factor was disabled. Every other session was ended.',
  fields: (t) => ({
    viewer: t.field({
      type: ViewerType,
      description: 'The person, without that factor.',
      resolve: (disabled) => disabled.viewer,
    }),
  }),
});

const BackupCodesGeneratedType = builder
  .objectRef<BackupCodesGenerated>('BackupCodesGenerated')
  .implement({
    description: 'A new set of backup codes. The old codes no longer work.',
    fields: (t) => ({
      backupCodes: t.stringList({
        description: 'Ten backup codes, never shown again. Each works once.',
        resolve: (generated) => [...generated.backupCodes],
      }),
      viewer: t.field({
        type: ViewerType,
        description: 'The person, with the new set.',
        resolve: (generated) => generated.viewer,
      }),
    }),
  });

builder.mutationField('enableTotp', (t) =>
  t.errorUnionField({
    rateLimits: LIMITED_CHANGE,
    ...requiresStepUpToEnroll,
    description:
      'Start setting up an authenticator app. Signing in does not ask for its codes until `confirmTotp`. If the same session asks again from the same network before the secret expires, it gets the same secret. Any other session gets a new secret, which replaces the older one.',
    types: [TotpEnrollmentType, MfaAlreadyEnabledError, ...enrollingStepUp],
    union: resultUnion('enableTotp'),
    resolve: async (_root, _args, context) =>
      await enableTotp(context.deps, await requireViewer(context), context.client),
  }),
);

const ConfirmTotpInput = builder.inputType('ConfirmTotpInput', {
  description: 'The first code from a new authenticator app.',
  fields: (t) => ({
    code: t.string({
      required: true,
      description:
        'The 6 digits that the app shows now. Spaces, dashes and invisible characters are ignored.',
      validate: { schema: codeRule },
    }),
  }),
});

builder.mutationField('confirmTotp', (t) =>
  t.errorUnionField({
    rateLimits: LIMITED_CHANGE,
    ...costly,
    ...requiresStepUpToEnroll,
    description:
      'Enable the authenticator app with one of its codes, in the session that called `enableTotp`. Every other session is ended.',
    types: [
      MfaEnabledType,
      InvalidCodeError,
      MfaNotEnabledError,
      ServerBusyError,
      ...enrollingStepUp,
    ],
    union: resultUnion('confirmTotp'),
    args: { input: t.arg({ type: ConfirmTotpInput, required: true, description: 'The code.' }) },
    resolve: async (_root, { input }, context) => {
      const { deps, client, deadline } = context;
      return await confirmTotp(
        deps,
        await requireViewer(context),
        input.code,
        client,
        deadline.signal,
      );
    },
  }),
);

builder.mutationField('disableTotp', (t) =>
  t.errorUnionField({
    rateLimits: LIMITED_CHANGE,
    ...requiresStepUp,
    description:
      'Disable the authenticator app. If it is the last second factor, the backup codes are removed too. Every other session is ended.',
    types: [MfaDisabledType, MfaNotEnabledError, ...sensitive],
    union: resultUnion('disableTotp'),
    resolve: async (_root, _args, context) =>
      await disableFactor(context.deps, await requireViewer(context), 'totp', context.client),
  }),
);

builder.mutationField('enableEmailMfa', (t) =>
  t.errorUnionField({
    rateLimits: limitedChange(RULES.codeMailBurst, RULES.codeMailDay, RULES.mailUnproven),
    ...costly,
    ...requiresStepUpToEnroll,
    description:
      'Start setting up codes by email: a first code is mailed to the account’s address. A person who can sign in with nothing but the mailbox gets MailboxOnlyError.',
    types: [EmailSentType, MfaAlreadyEnabledError, MailboxOnlyError, ...enrollingStepUp],
    union: resultUnion('enableEmailMfa'),
    resolve: async (_root, _args, context) =>
      await enableEmailMfa(context.deps, await requireViewer(context), context.client),
  }),
);

const ConfirmEmailMfaInput = builder.inputType('ConfirmEmailMfaInput', {
  description: 'The code that `enableEmailMfa` mailed.',
  fields: (t) => ({
    code: t.string({
      required: true,
      description: 'The code of 8 digits. Spaces, dashes and invisible characters are ignored.',
      validate: { schema: codeRule },
    }),
  }),
});

builder.mutationField('confirmEmailMfa', (t) =>
  t.errorUnionField({
    rateLimits: LIMITED_CHANGE,
    ...costly,
    ...requiresStepUpToEnroll,
    description:
      'Enable codes by email with the mailed code, in the session that requested it. Every other session is ended.',
    types: [
      MfaEnabledType,
      InvalidCodeError,
      MailboxOnlyError,
      ServerBusyError,
      ...enrollingStepUp,
    ],
    union: resultUnion('confirmEmailMfa'),
    args: {
      input: t.arg({ type: ConfirmEmailMfaInput, required: true, description: 'The code.' }),
    },
    resolve: async (_root, { input }, context) => {
      const { deps, client, deadline } = context;
      return await confirmEmailMfa(
        deps,
        await requireViewer(context),
        input.code,
        client,
        deadline.signal,
      );
    },
  }),
);

builder.mutationField('disableEmailMfa', (t) =>
  t.errorUnionField({
    rateLimits: LIMITED_CHANGE,
    ...requiresStepUp,
    description:
      'Disable codes by email. If they are the last second factor, the backup codes are removed too. Every other session is ended.',
    types: [MfaDisabledType, MfaNotEnabledError, ...sensitive],
    union: resultUnion('disableEmailMfa'),
    resolve: async (_root, _args, context) =>
      await disableFactor(context.deps, await requireViewer(context), 'email', context.client),
  }),
);

builder.mutationField('regenerateBackupCodes', (t) =>
  t.errorUnionField({
    rateLimits: LIMITED_CHANGE,
    ...costly,
    ...requiresStepUp,
    description: 'Create a new set of backup codes. The old codes stop working at once.',
    types: [BackupCodesGeneratedType, MfaNotEnabledError, ServerBusyError, ...sensitive],
    union: resultUnion('regenerateBackupCodes'),
    resolve: async (_root, _args, context) => {
      const { deps, client, deadline } = context;
      const viewer = await requireViewer(context);
      return await regenerateBackupCodes(deps, viewer, client, deadline.signal);
    },
  }),
);
