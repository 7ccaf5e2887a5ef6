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
  MfaAlreadyEnabledError,
  MfaNotEnabledError,
} from '../../proofs/second-factor/errors.ts';
import { BUDGETS } from '../../rate-limit/budgets.ts';
import { CHANGE, change } from '../../rate-limit/field-budgets.ts';
import { ViewerType } from '../../session/graphql.ts';
import { confirmEmailMfa } from './confirm-email-mfa.ts';
import { confirmTotp } from './confirm-totp.ts';
import { disableFactor, type MfaDisabled } from './disable-factor.ts';
import { enableEmailMfa } from './enable-email-mfa.ts';
import { enableTotp, type TotpEnrollment } from './enable-totp.ts';
import type { MfaEnabled } from './mfa-enabled.ts';
import { type BackupCodesGenerated, regenerateBackupCodes } from './regenerate-backup-codes.ts';

const enrollingStepUp = [...enrolling, StepUpRequiredError] as const;

const TotpEnrollmentType = builder.objectRef<TotpEnrollment>('TotpEnrollment').implement({
  description:
    'A secret for an authenticator app. Pending until `confirmTotp` or `expiresAt`. Until then `enableTotp` shows it again to the session that asked for it.',
  fields: (t) => ({
    secret: t.exposeString('secret', { description: 'Base32, for typing it in by hand.' }),
    otpauthUri: t.expose('otpauthUri', {
      type: 'URL',
      description: 'The key URI that an authenticator app opens.',
    }),
    qrCode: t.expose('qrCode', {
      type: 'URL',
      description: 'The same as a QR code: an SVG data URL.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When the secret is void unless it is confirmed before.',
    }),
  }),
});

const MfaEnabledType = builder.objectRef<MfaEnabled>('MfaEnabled').implement({
  description: 'A second factor is enabled. Every other session was ended.',
  fields: (t) => ({
    backupCodes: t.stringList({
      nullable: true,
      description:
        'Ten codes, shown this once, with the first factor enabled; null when the person already has a set.',
      resolve: (enabled) => enabled.backupCodes && [...enabled.backupCodes],
    }),
    viewer: t.field({
      type: ViewerType,
      description: 'The person, with the new factor.',
      resolve: (enabled) => enabled.viewer,
    }),
  }),
});

const MfaDisabledType = builder.objectRef<MfaDisabled>('MfaDisabled').implement({
  description: 'A second factor is gone. Every other session was ended.',
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
    description: 'A new set of backup codes. The older one is void.',
    fields: (t) => ({
      backupCodes: t.stringList({
        description: 'Ten codes, shown this once. Each works once.',
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
    budget: CHANGE,
    ...requiresStepUpToEnroll,
    description:
      'Begins to set up an authenticator app. No sign-in asks for a code of it until `confirmTotp`. If the same session asks again from the same network before the secret expires, it gets the same secret. Any other session gets a new secret, which voids the older one.',
    types: [TotpEnrollmentType, MfaAlreadyEnabledError, ...enrollingStepUp],
    union: resultUnion('EnableTotpResult', 'What beginning to set up an app can come to.'),
    resolve: async (_root, _args, context) =>
      await enableTotp(context.deps, await requireViewer(context), context.client),
  }),
);

const ConfirmTotpInput = builder.inputType('ConfirmTotpInput', {
  description: 'The first code of a new authenticator app.',
  fields: (t) => ({
    code: t.string({
      required: true,
      description:
        'The 6 digits it shows now. Spaces, dashes and invisible characters are ignored.',
      validate: { schema: codeRule },
    }),
  }),
});

builder.mutationField('confirmTotp', (t) =>
  t.errorUnionField({
    budget: CHANGE,
    ...costly,
    ...requiresStepUpToEnroll,
    description:
      'Enables the authenticator app with one of its codes, in the session that called `enableTotp`. Ends every other session.',
    types: [
      MfaEnabledType,
      InvalidCodeError,
      MfaNotEnabledError,
      ServerBusyError,
      ...enrollingStepUp,
    ],
    union: resultUnion('ConfirmTotpResult', 'What confirming an app can come to.'),
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
    budget: CHANGE,
    ...requiresStepUp,
    description:
      'Removes the authenticator app; with the last factor the backup codes go. Ends every other session.',
    types: [MfaDisabledType, MfaNotEnabledError, ...sensitive],
    union: resultUnion('DisableTotpResult', 'What removing the app can come to.'),
    resolve: async (_root, _args, context) =>
      await disableFactor(context.deps, await requireViewer(context), 'totp', context.client),
  }),
);

builder.mutationField('enableEmailMfa', (t) =>
  t.errorUnionField({
    budget: change(BUDGETS.codeMailBurst, BUDGETS.codeMailDay, BUDGETS.mailUnproven),
    ...costly,
    ...requiresStepUpToEnroll,
    description: 'Begins to set up codes by mail: mails one to the account’s address.',
    types: [EmailSentType, MfaAlreadyEnabledError, ...enrollingStepUp],
    union: resultUnion('EnableEmailMfaResult', 'What beginning to set them up can come to.'),
    resolve: async (_root, _args, context) =>
      await enableEmailMfa(context.deps, await requireViewer(context), context.client),
  }),
);

const ConfirmEmailMfaInput = builder.inputType('ConfirmEmailMfaInput', {
  description: 'The code that `enableEmailMfa` mailed.',
  fields: (t) => ({
    code: t.string({
      required: true,
      description: 'Its 8 digits. Spaces, dashes and invisible characters are ignored.',
      validate: { schema: codeRule },
    }),
  }),
});

builder.mutationField('confirmEmailMfa', (t) =>
  t.errorUnionField({
    budget: CHANGE,
    ...costly,
    ...requiresStepUpToEnroll,
    description:
      'Enables codes by mail, on the session that asked for them. Ends every other session.',
    types: [MfaEnabledType, InvalidCodeError, ServerBusyError, ...enrollingStepUp],
    union: resultUnion('ConfirmEmailMfaResult', 'What confirming the address can come to.'),
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
    budget: CHANGE,
    ...requiresStepUp,
    description:
      'Removes codes by mail; with the last factor the backup codes go. Ends every other session.',
    types: [MfaDisabledType, MfaNotEnabledError, ...sensitive],
    union: resultUnion('DisableEmailMfaResult', 'What removing them can come to.'),
    resolve: async (_root, _args, context) =>
      await disableFactor(context.deps, await requireViewer(context), 'email', context.client),
  }),
);

builder.mutationField('regenerateBackupCodes', (t) =>
  t.errorUnionField({
    budget: CHANGE,
    ...costly,
    ...requiresStepUp,
    description: 'Makes a new set of backup codes; the older one is void at once.',
    types: [BackupCodesGeneratedType, MfaNotEnabledError, ServerBusyError, ...sensitive],
    union: resultUnion('RegenerateBackupCodesResult', 'What making a new set can come to.'),
    resolve: async (_root, _args, context) => {
      const { deps, client, deadline } = context;
      const viewer = await requireViewer(context);
      return await regenerateBackupCodes(deps, viewer, client, deadline.signal);
    },
  }),
);
