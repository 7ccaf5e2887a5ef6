import type { MailMessage, MailTemplate, MailValues } from '../../src/mail/messages.ts';

const at = new Date('2026-02-03T04:05:06.789Z');
const expiresAt = new Date('2026-02-04T04:05:06.789Z');
const codeExpiresAt = new Date('2026-02-03T04:15:06.789Z');
const from = {
  ipAddress: '203.0.113.7',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
};
const undo = {
  url: 'https://app.example.com/undo-security-change?token=abc_DEF-1',
  expiresAt,
};
const linked = { type: 'IDENTITY_LINKED', at, detail: 'Google' };
const app = { type: 'MFA_ENABLED', at, detail: 'TOTP' };
const proof = { code: '01234567', codeExpiresAt, expiresAt };

/** One of each mail. The compiler says which one is missing. */
export const SAMPLES: { readonly [T in MailTemplate]: MailValues<T> } = {
  'verify-email': {
    template: 'verify-email',
    url: 'https://app.example.com/verify-email?token=abc_DEF-1',
    ...proof,
    name: 'Ada Lovelace',
    from,
  },
  'prove-address': {
    template: 'prove-address',
    url: 'https://app.example.com/verify-email?token=abc_DEF-1',
    expiresAt: proof.expiresAt,
    from,
  },
  'earlier-claim-removed': { template: 'earlier-claim-removed', at, from },
  'already-registered': { template: 'already-registered', url: 'https://app.example.com', from },
  'reset-password': {
    template: 'reset-password',
    url: 'https://app.example.com/reset-password?token=abc_DEF-1',
    ...proof,
    from,
  },
  'reset-password-offered': {
    template: 'reset-password-offered',
    url: 'https://app.example.com/reset-password?token=abc_DEF-1',
    expiresAt,
  },
  'email-sign-in': {
    template: 'email-sign-in',
    url: 'https://app.example.com/email-sign-in?token=abc_DEF-1',
    ...proof,
    isNew: false,
    from,
  },
  'email-sign-in-no-account': {
    template: 'email-sign-in-no-account',
    url: 'https://app.example.com',
    from,
  },
  'password-changed': { template: 'password-changed', at, from },
  'password-reset-done': {
    template: 'password-reset-done',
    at,
    from,
    url: null,
    expiresAt: null,
    openChanges: [
      { ...linked, ...undo },
      { ...app, ...undo },
    ],
  },
  'confirm-email-change': {
    template: 'confirm-email-change',
    url: 'https://app.example.com/confirm-email-change?token=abc_DEF-1',
    ...proof,
  },
  'email-change-requested': {
    template: 'email-change-requested',
    at,
    from,
    newEmail: 'bob@example.org',
    url: 'https://app.example.com/undo-email-change?token=abc_DEF-1',
    expiresAt,
  },
  'email-changed': {
    template: 'email-changed',
    at,
    from,
    newEmail: 'bob@example.org',
    url: 'https://app.example.com/undo-email-change?token=abc_DEF-1',
    expiresAt,
  },
  'email-change-undone': { template: 'email-change-undone', at, from, email: 'bob@example.org' },
  'security-change-undone': {
    template: 'security-change-undone',
    at,
    from,
    email: 'bob@example.org',
    undone: [linked, { type: 'EMAIL_CHANGED', at, detail: 'e…@example.net' }],
    restored: [app],
    stays: [{ ...linked, detail: 'GitHub' }],
    openChanges: [{ type: 'BACKUP_CODES_GENERATED', at, detail: null, ...undo }],
  },
  'address-held': {
    template: 'address-held',
    at,
    from,
    openChanges: [{ type: 'EMAIL_CHANGED', at, detail: 'e…@example.net', ...undo }],
  },
  'new-device-sign-in': { template: 'new-device-sign-in', at, from },
  'signed-in-after-failures': { template: 'signed-in-after-failures', at, from, failures: 5 },
  'sessions-ended-by-reuse': { template: 'sessions-ended-by-reuse', at, from },
  'second-factor-failed': { template: 'second-factor-failed', at, from },
  'mfa-email-code': { template: 'mfa-email-code', code: '01234567', codeExpiresAt, from },
  'mfa-enabled': { template: 'mfa-enabled', at, from, method: 'totp', ...undo },
  'mfa-disabled': { template: 'mfa-disabled', at, from, method: 'email' },
  'backup-code-used': { template: 'backup-code-used', at, from, remaining: 7 },
  'backup-codes-regenerated': {
    template: 'backup-codes-regenerated',
    at,
    from,
    url: null,
    expiresAt: null,
  },
  'backup-codes-low': { template: 'backup-codes-low', remaining: 3 },
  'identity-linked': { template: 'identity-linked', at, from, provider: 'Google', ...undo },
  'account-made-by-provider': {
    template: 'account-made-by-provider',
    at,
    from,
    provider: 'Google',
    ...undo,
  },
  'passkey-added': {
    template: 'passkey-added',
    at,
    from,
    name: 'iCloud Keychain',
    alsoSecondFactor: true,
    ...undo,
  },
  'passkey-removed': { template: 'passkey-removed', at, from, name: 'iCloud Keychain' },
  'passkey-counter-alarm': { template: 'passkey-counter-alarm', at, from, name: 'YubiKey 5 NFC' },
  'identity-unlinked': { template: 'identity-unlinked', at, from, provider: 'Google' },
  invitation: {
    template: 'invitation',
    url: 'https://app.example.com/accept-invitation?token=lki_abc_DEF-1',
    expiresAt,
    name: 'Ada Lovelace',
  },
  'account-deleted': { template: 'account-deleted', at },
};

/** The same, as a list. */
export const MESSAGES: readonly MailMessage[] = Object.values(SAMPLES);
