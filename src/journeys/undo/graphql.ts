import type { SecurityChange } from '../../access-ledger/security-change.ts';
import { SecurityEventType } from '../../audit/graphql.ts';
import { builder } from '../../graphql/builder.ts';
import { costly } from '../../graphql/costly.ts';
import { anyone } from '../../graphql/errors.ts';
import { tokenRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { InvalidTokenError, ServerBusyError } from '../../kernel/errors.ts';
import { limitedBy } from '../../rate-limit/limits.ts';
import { RULES } from '../../rate-limit/rules.ts';
import { type MailedToken, readMailedToken } from './mailed-token.ts';
import {
  type EmailChangeUndone,
  type SecurityChangeUndone,
  undoEmailChange,
  undoSecurityChange,
} from './undo.ts';

const EmailChangeUndoneType = builder.objectRef<EmailChangeUndone>('EmailChangeUndone').implement({
  description:
    'The account has its old address back, and no change of the address is pending. Every session was ended and the password was removed. Reset the password next.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'When the change was undone.' }),
    email: t.expose('email', {
      type: 'EmailAddress',
      description: 'The address of the account: the address that the link was mailed to.',
    }),
    sessionsRevoked: t.exposeInt('sessionsRevoked', {
      description: 'The number of sessions that were ended.',
    }),
  }),
});

const UndoEmailChangeInput = builder.inputType('UndoEmailChangeInput', {
  description: 'The token from the mail to the old address.',
  fields: (t) => ({
    token: t.string({
      required: true,
      description: 'The `token` of the link in the mail.',
      validate: { schema: tokenRule },
    }),
  }),
});

builder.mutationField('undoEmailChange', (t) =>
  t.errorUnionField({
    rateLimits: limitedBy(RULES.mailProof),
    ...costly,
    description:
      'Give the account its old address back, or stop a change that is not confirmed yet, and undo everything that the same sessions added, as `undoSecurityChange` does. Every session is ended, the password is removed and nobody is signed in. Show `mailedToken` first and ask for a click.',
    types: [EmailChangeUndoneType, InvalidTokenError, ServerBusyError, ...anyone],
    union: resultUnion('undoEmailChange'),
    args: {
      input: t.arg({
        type: UndoEmailChangeInput,
        required: true,
        description: 'The token of the link.',
      }),
    },
    resolve: async (_root, { input }, { deps, client }) =>
      await undoEmailChange(deps, input.token, client),
  }),
);

const SecurityChangeType = builder.objectRef<SecurityChange>('SecurityChange').implement({
  description: 'One change to the ways of signing in to an account.',
  fields: (t) => ({
    type: t.expose('type', { type: SecurityEventType, description: 'What changed.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it changed.' }),
    detail: t.exposeString('detail', {
      nullable: true,
      description:
        'A detail: the name of a provider, an `MfaMethod`, or a masked email address. Null if the type says everything.',
    }),
  }),
});

const SecurityChangeUndoneType = builder
  .objectRef<SecurityChangeUndone>('SecurityChangeUndone')
  .implement({
    description:
      'The change and everything connected with it was undone. Every session was ended and the password was removed. Set a new password with a password reset for the address of the account.',
    fields: (t) => ({
      undone: t.field({
        type: [SecurityChangeType],
        description: 'The changes that were undone. The password is removed, whoever set it.',
        resolve: (done) => [...done.undone],
      }),
      restored: t.field({
        type: [SecurityChangeType],
        description: 'What the undone sessions had removed and what was restored.',
        resolve: (done) => [...done.restored],
      }),
      stays: t.field({
        type: [SecurityChangeType],
        description:
          'Older ways of signing in that one of those sessions used and that stay. Remove those that are not the person’s own.',
        resolve: (done) => [...done.stays],
      }),
      sessionsRevoked: t.exposeInt('sessionsRevoked', {
        description: 'The number of sessions that were ended.',
      }),
    }),
  });

const UndoSecurityChangeInput = builder.inputType('UndoSecurityChangeInput', {
  description: 'The token from the mail about the change.',
  fields: (t) => ({
    token: t.string({
      required: true,
      description: 'The `token` of the link in the mail.',
      validate: { schema: tokenRule },
    }),
  }),
});

builder.mutationField('undoSecurityChange', (t) =>
  t.errorUnionField({
    rateLimits: limitedBy(RULES.mailProof),
    ...costly,
    description:
      'Undo the change that a mail reported, within 72 hours, and everything that the same sessions added: linked accounts, second factors, backup codes, a change of address. Whatever they removed is restored. Every session is ended, the password is removed and nobody is signed in. Show `mailedToken` first and ask for a click.',
    types: [SecurityChangeUndoneType, InvalidTokenError, ServerBusyError, ...anyone],
    union: resultUnion('undoSecurityChange'),
    args: {
      input: t.arg({
        type: UndoSecurityChangeInput,
        required: true,
        description: 'The token of the link.',
      }),
    },
    resolve: async (_root, { input }, { deps, client }) =>
      await undoSecurityChange(deps, input.token, client),
  }),
);

/** The purpose of each mail's link. */
const KINDS = {
  VERIFY_EMAIL: { description: 'Verifies an email address: `verifyEmail`.' },
  RESET_PASSWORD: { description: 'Sets a new password: `resetPassword`.' },
  CONFIRM_EMAIL_CHANGE: {
    description: 'Changes the account’s address to this one: `confirmEmailChange`.',
  },
  UNDO_EMAIL_CHANGE: { description: 'Undoes a change of address: `undoEmailChange`.' },
  EMAIL_SIGN_IN: { description: 'Signs in: `completeEmailSignIn`.' },
  INVITATION: { description: 'Opens the account of an invited person: `acceptInvitation`.' },
  UNDO_SECURITY_CHANGE: { description: 'Undoes a new way of signing in: `undoSecurityChange`.' },
} as const;

const KIND_OF: Readonly<Record<MailedToken['purpose'], keyof typeof KINDS | null>> = {
  'verify-email': 'VERIFY_EMAIL',
  'reset-password': 'RESET_PASSWORD',
  'email-sign-in': 'EMAIL_SIGN_IN',
  invitation: 'INVITATION',
  'change-email': 'CONFIRM_EMAIL_CHANGE',
  'stop-email-change': 'UNDO_EMAIL_CHANGE',
  'undo-email-change': 'UNDO_EMAIL_CHANGE',
  'undo-security-change': 'UNDO_SECURITY_CHANGE',
  // Their mails contain a code and no link.
  'enable-email-mfa': null,
  reauthenticate: null,
};

const MailedTokenKindType = builder.enumType('MailedTokenKind', {
  description: 'The purpose of the link in a mail.',
  values: KINDS,
});

type LinkedToken = MailedToken & { readonly kind: keyof typeof KINDS };

const MailedTokenType = builder.objectRef<LinkedToken>('MailedToken').implement({
  description:
    'The purpose of the token in a mail’s link, so that a page can ask for confirmation before it uses the token.',
  fields: (t) => ({
    kind: t.expose('kind', { type: MailedTokenKindType, description: 'The purpose of the token.' }),
    email: t.expose('email', {
      type: 'EmailAddress',
      description: 'The address that the mail was sent to.',
    }),
    requestedAt: t.expose('requestedAt', {
      type: 'DateTime',
      description: 'When the mail was requested.',
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When the token expires.' }),
    ipAddress: t.exposeString('ipAddress', {
      nullable: true,
      description: 'The IP address that the mail was requested from; null if unknown.',
    }),
    userAgent: t.exposeString('userAgent', {
      nullable: true,
      description:
        'The browser or app that requested the mail, as its `User-Agent` header names it.',
    }),
    undoes: t.field({
      type: [SecurityChangeType],
      description:
        'For a link that undoes a change: what it would undo now. It also removes the password, whoever set it.',
      resolve: (token) => [...token.undoes],
    }),
    stays: t.field({
      type: [SecurityChangeType],
      description:
        'For a link that undoes a change: older ways of signing in that were used in those sessions and would stay.',
      resolve: (token) => [...token.stays],
    }),
  }),
});

builder.queryField('mailedToken', (t) =>
  t.field({
    // It plans an undo over the whole ledger of the account.
    ...costly,
    type: MailedTokenType,
    nullable: true,
    description:
      'The purpose of a mail’s token. Reading it does not use the token. Null if the token was used, has expired, was replaced or was never issued. An error with the code REFUSED if a link that undoes a change was inspected too often; the undo itself still works.',
    args: {
      token: t.arg.string({ required: true, description: 'The `token` of the link in the mail.' }),
    },
    resolve: async (_root, { token }, { deps, client, deadline }) => {
      const found = await readMailedToken(deps, token, { client, signal: deadline.signal });
      const kind = found && KIND_OF[found.purpose];
      return found && kind ? { ...found, kind } : null;
    },
  }),
);
