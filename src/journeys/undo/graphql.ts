import type { SecurityChange } from '../../access-ledger/security-change.ts';
import { SecurityEventType } from '../../audit/graphql.ts';
import { builder } from '../../graphql/builder.ts';
import { costly } from '../../graphql/costly.ts';
import { anyone } from '../../graphql/errors.ts';
import { tokenRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { InvalidTokenError, ServerBusyError } from '../../kernel/errors.ts';
import type { Purpose } from '../../proofs/one-time-token/purpose.ts';
import { BUDGETS } from '../../rate-limit/budgets.ts';
import { boundedBy } from '../../rate-limit/field-budgets.ts';
import { type MailedToken, readMailedToken } from './mailed-token.ts';
import {
  type EmailChangeUndone,
  type SecurityChangeUndone,
  undoEmailChange,
  undoSecurityChange,
} from './undo.ts';

const EmailChangeUndoneType = builder.objectRef<EmailChangeUndone>('EmailChangeUndone').implement({
  description:
    'The account has its old address and no change of it is pending. Every session has ended and the password is removed: reset the password next.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'When it was undone.' }),
    email: t.expose('email', {
      type: 'EmailAddress',
      description: 'The address of the account: the one the link was mailed to.',
    }),
    sessionsRevoked: t.exposeInt('sessionsRevoked', { description: 'How many sessions ended.' }),
  }),
});

const UndoEmailChangeInput = builder.inputType('UndoEmailChangeInput', {
  description: 'What the mail to the old address carried.',
  fields: (t) => ({
    token: t.string({
      required: true,
      description: 'The `token` of its link.',
      validate: { schema: tokenRule },
    }),
  }),
});

builder.mutationField('undoEmailChange', (t) =>
  t.errorUnionField({
    budget: boundedBy(BUDGETS.mailProof),
    ...costly,
    description:
      'Gives the account its old address back, or stops a change that still waits for its proof, and undoes everything that the same sessions added, as `undoSecurityChange` does. Ends every session, removes the password and signs nobody in. Show `mailedToken` first and ask for a click.',
    types: [EmailChangeUndoneType, InvalidTokenError, ServerBusyError, ...anyone],
    union: resultUnion('UndoEmailChangeResult', 'What undoing a change can come to.'),
    args: {
      input: t.arg({
        type: UndoEmailChangeInput,
        required: true,
        description: 'The link’s token.',
      }),
    },
    resolve: async (_root, { input }, { deps, client }) =>
      await undoEmailChange(deps, input.token, client),
  }),
);

const SecurityChangeType = builder.objectRef<SecurityChange>('SecurityChange').implement({
  description: 'One change of what lets somebody sign in to an account.',
  fields: (t) => ({
    type: t.expose('type', { type: SecurityEventType, description: 'What changed.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it changed.' }),
    detail: t.exposeString('detail', {
      nullable: true,
      description:
        'Which one: a provider’s name, an `MfaMethod`, or an email address in part. Null where there is only one.',
    }),
  }),
});

const SecurityChangeUndoneType = builder
  .objectRef<SecurityChangeUndone>('SecurityChangeUndone')
  .implement({
    description:
      'The change and everything connected with it was undone. Every session was ended and the password was removed. A password reset for the address of the account sets a new one.',
    fields: (t) => ({
      undone: t.field({
        type: [SecurityChangeType],
        description: 'The changes that were undone. The password is removed whoever set it.',
        resolve: (done) => [...done.undone],
      }),
      restored: t.field({
        type: [SecurityChangeType],
        description: 'What had been removed by the same hand and is there again.',
        resolve: (done) => [...done.restored],
      }),
      stays: t.field({
        type: [SecurityChangeType],
        description:
          'What is older and stays, although one of those sessions signed in or was stepped up with it. Remove what is not the person’s own.',
        resolve: (done) => [...done.stays],
      }),
      sessionsRevoked: t.exposeInt('sessionsRevoked', { description: 'How many sessions ended.' }),
    }),
  });

const UndoSecurityChangeInput = builder.inputType('UndoSecurityChangeInput', {
  description: 'What the mail about the change carried.',
  fields: (t) => ({
    token: t.string({
      required: true,
      description: 'The `token` of its link.',
      validate: { schema: tokenRule },
    }),
  }),
});

builder.mutationField('undoSecurityChange', (t) =>
  t.errorUnionField({
    budget: boundedBy(BUDGETS.mailProof),
    ...costly,
    description:
      'Undoes the change that a mail told of, within 72 hours, and everything that the same sessions added: linked accounts, second factors, backup codes, a change of address. What they removed comes back. Ends every session, removes the password and signs nobody in. Show `mailedToken` first and ask for a click.',
    types: [SecurityChangeUndoneType, InvalidTokenError, ServerBusyError, ...anyone],
    union: resultUnion('UndoSecurityChangeResult', 'The possible outcomes of undoing a change.'),
    args: {
      input: t.arg({
        type: UndoSecurityChangeInput,
        required: true,
        description: 'The link’s token.',
      }),
    },
    resolve: async (_root, { input }, { deps, client }) =>
      await undoSecurityChange(deps, input.token, client),
  }),
);

/** What each mail's link is for. */
const KINDS = {
  VERIFY_EMAIL: { description: 'Proves an address: `verifyEmail`.' },
  RESET_PASSWORD: { description: 'Sets a new password: `resetPassword`.' },
  CONFIRM_EMAIL_CHANGE: { description: 'Moves the account here: `confirmEmailChange`.' },
  UNDO_EMAIL_CHANGE: { description: 'Takes a change of address back: `undoEmailChange`.' },
  UNDO_SECURITY_CHANGE: { description: 'Takes a new way in away: `undoSecurityChange`.' },
} as const;

const KIND_OF: Readonly<Record<Purpose, keyof typeof KINDS | null>> = {
  'verify-email': 'VERIFY_EMAIL',
  'reset-password': 'RESET_PASSWORD',
  'change-email': 'CONFIRM_EMAIL_CHANGE',
  'stop-email-change': 'UNDO_EMAIL_CHANGE',
  'undo-email-change': 'UNDO_EMAIL_CHANGE',
  'undo-security-change': 'UNDO_SECURITY_CHANGE',
  // Their mails carry a code and no link.
  'enable-email-mfa': null,
  reauthenticate: null,
};

const MailedTokenKindType = builder.enumType('MailedTokenKind', {
  description: 'What the link of a mail is for.',
  values: KINDS,
});

type LinkedToken = MailedToken & { readonly kind: keyof typeof KINDS };

const MailedTokenType = builder.objectRef<LinkedToken>('MailedToken').implement({
  description: 'What the token of a mail’s link is for, so that a page can ask before it uses it.',
  fields: (t) => ({
    kind: t.expose('kind', { type: MailedTokenKindType, description: 'What it is for.' }),
    email: t.expose('email', { type: 'EmailAddress', description: 'Where the mail went.' }),
    requestedAt: t.expose('requestedAt', {
      type: 'DateTime',
      description: 'When the mail was asked for.',
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When the token expires.' }),
    ipAddress: t.exposeString('ipAddress', {
      nullable: true,
      description: 'The address it was asked for from; null when it is not known.',
    }),
    userAgent: t.exposeString('userAgent', {
      nullable: true,
      description: 'The browser or app it was asked for from, by its own account.',
    }),
    undoes: t.field({
      type: [SecurityChangeType],
      description:
        'Of a link that undoes a change: what it would undo now. It removes the password as well, whoever set it.',
      resolve: (token) => [...token.undoes],
    }),
    stays: t.field({
      type: [SecurityChangeType],
      description: 'Of a link that undoes a change: what is older, was used, and would stay.',
      resolve: (token) => [...token.stays],
    }),
  }),
});

builder.queryField('mailedToken', (t) =>
  t.field({
    // An undo is planned for it, over the whole ledger of the account.
    ...costly,
    type: MailedTokenType,
    nullable: true,
    description:
      'What a mail’s token is for. Reads and never uses it up; null for one that is used, expired, voided or was never issued. An error with the code REFUSED when a link that undoes a change was looked at too often; the undo itself still works.',
    args: {
      token: t.arg.string({ required: true, description: 'The `token` of the mail’s link.' }),
    },
    resolve: async (_root, { token }, { deps, client, deadline }) => {
      const found = await readMailedToken(deps, token, { client, signal: deadline.signal });
      const kind = found && KIND_OF[found.purpose];
      return found && kind ? { ...found, kind } : null;
    },
  }),
);
