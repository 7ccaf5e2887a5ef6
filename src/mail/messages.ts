import * as z from 'zod';

const moment = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});

const link = z.url({ protocol: /^https?$/ });

/**
 * Where a request came from; a Client fits. A mail shows only names from closed lists of it. `isAdministrator`: it was an
 * act of an operator or an administrator on somebody else's account.
 */
const origin = z.object({
  ipAddress: z.string().nullable(),
  userAgent: z.string().nullable(),
  isAdministrator: z.literal(true).optional(),
});

/** When and from where something was done to an account. */
const act = { at: moment, from: origin };

/** A link and a code prove the same; each has its own expiry. */
const proof = { url: link, expiresAt: moment, code: z.string(), codeExpiresAt: moment };

/** To the old address. `url` undoes the change until `expiresAt` (PR-7: 72 hours). */
const addressChange = { ...act, newEmail: z.string(), url: link, expiresAt: moment };

/** With a link that undoes the change; null for an address that was never verified (PR-12). */
const undoable = { ...act, url: link.nullable(), expiresAt: moment.nullable() };

/** One change of the ways to sign in. `type` is that of its audit event. */
const securityChange = z.object({ type: z.string(), at: moment, detail: z.string().nullable() });

/** A change that can still be undone. */
const openChange = securityChange.extend({ url: link, expiresAt: moment });

const mfaMethod = z.enum(['passkey', 'totp', 'email']);

/**
 * Every mail that this server sends, with its values. The outbox stores them, and this schema reads
 * them back, so that a row of an older release is validated and not trusted.
 */
export const mailMessage = z.discriminatedUnion('template', [
  z.object({
    template: z.literal('verify-email'),
    ...proof,
    name: z.string().nullable(),
    from: origin,
  }),
  /** Requested by a person who may not have registered here: a link without a code (PR-11). */
  z.object({ template: z.literal('prove-address'), url: link, expiresAt: moment, from: origin }),
  /** The first proof of an address took the account from the person who had claimed it before (PR-8). */
  z.object({ template: z.literal('earlier-claim-removed'), ...act }),
  /** A registration named an address that already has an account (LG-4). `url` leads to the app. */
  z.object({ template: z.literal('already-registered'), url: link, from: origin }),
  z.object({ template: z.literal('reset-password'), ...proof, from: origin }),
  /** An administrator requested it: without a code, which works only in the browser that requested it. */
  z.object({ template: z.literal('reset-password-offered'), url: link, expiresAt: moment }),
  /** `isNew`: the address has no account, and the sign-in creates one. */
  z.object({
    template: z.literal('email-sign-in'),
    ...proof,
    isNew: z.boolean(),
    from: origin,
  }),
  /** A sign-in by mail named an address that has no account. `url` leads to the app. */
  z.object({ template: z.literal('email-sign-in-no-account'), url: link, from: origin }),
  z.object({ template: z.literal('password-changed'), ...act }),
  z.object({
    template: z.literal('password-reset-done'),
    ...undoable,
    openChanges: z.array(openChange),
  }),
  /** To the new address. */
  z.object({ template: z.literal('confirm-email-change'), ...proof }),
  z.object({ template: z.literal('email-change-requested'), ...addressChange }),
  z.object({ template: z.literal('email-changed'), ...addressChange }),
  /** To the abandoned address. `email` is the address that the account has again. */
  z.object({ template: z.literal('email-change-undone'), ...act, email: z.string() }),
  /** `email` is the account's address after the undo. */
  z.object({
    template: z.literal('security-change-undone'),
    ...act,
    email: z.string(),
    undone: z.array(securityChange),
    restored: z.array(securityChange),
    stays: z.array(securityChange),
    openChanges: z.array(openChange),
  }),
  /** To an address that another person requested while an undo can still restore it (PR-12). */
  z.object({ template: z.literal('address-held'), ...act, openChanges: z.array(openChange) }),
  z.object({ template: z.literal('new-device-sign-in'), ...act }),
  z.object({ template: z.literal('signed-in-after-failures'), ...act, failures: z.int() }),
  z.object({ template: z.literal('sessions-ended-by-reuse'), ...act }),
  z.object({ template: z.literal('second-factor-failed'), ...act }),
  z.object({
    template: z.literal('mfa-email-code'),
    code: z.string(),
    codeExpiresAt: moment,
    from: origin,
  }),
  z.object({ template: z.literal('mfa-enabled'), ...undoable, method: mfaMethod }),
  z.object({ template: z.literal('mfa-disabled'), ...act, method: mfaMethod }),
  z.object({ template: z.literal('backup-code-used'), ...act, remaining: z.int() }),
  z.object({ template: z.literal('backup-codes-regenerated'), ...undoable }),
  z.object({ template: z.literal('backup-codes-low'), remaining: z.int() }),
  z.object({ template: z.literal('identity-linked'), ...undoable, provider: z.string() }),
  z.object({ template: z.literal('account-made-by-provider'), ...undoable, provider: z.string() }),
  z.object({ template: z.literal('identity-unlinked'), ...act, provider: z.string() }),
  z.object({
    template: z.literal('passkey-added'),
    ...undoable,
    name: z.string(),
    alsoSecondFactor: z.boolean(),
  }),
  z.object({ template: z.literal('passkey-removed'), ...act, name: z.string() }),
  z.object({ template: z.literal('passkey-counter-alarm'), ...act, name: z.string() }),
  /** Sent for an administrator. `name` is what the administrator calls the invited person. */
  z.object({
    template: z.literal('invitation'),
    url: link,
    expiresAt: moment,
    name: z.string().nullable(),
  }),
  z.object({ template: z.literal('account-deleted'), at: moment }),
]);

/** A mail: its template and its values. */
export type MailMessage = z.output<typeof mailMessage>;

/** The name of a mail. */
export type MailTemplate = MailMessage['template'];

/** Where a request came from, for a mail. */
export type MailOrigin = z.output<typeof origin>;

/** One change that a mail reports. */
export type MailedChange = z.output<typeof securityChange>;

/** The values of one mail. */
export type MailValues<T extends MailTemplate> = Extract<MailMessage, { template: T }>;
