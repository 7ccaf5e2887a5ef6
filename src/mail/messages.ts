import * as z from 'zod';

const moment = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});

const link = z.url({ protocol: /^https?$/ });

/** Where a request came from; a Client is one. What is shown of it is a closed set of words. */
const origin = z.object({ ipAddress: z.string().nullable(), userAgent: z.string().nullable() });

/** Something done to an account: when and from where. */
const act = { at: moment, from: origin };

/** Link and code are two doors to one proof; each has its own end. */
const proof = { url: link, expiresAt: moment, code: z.string(), codeExpiresAt: moment };

/** To the old address; `url` undoes, until `expiresAt` (PR-7: 72 hours). */
const addressChange = { ...act, newEmail: z.string(), url: link, expiresAt: moment };

/** With a link that takes the change away again; null for an address that never proved itself (PR-12). */
const undoable = { ...act, url: link.nullable(), expiresAt: moment.nullable() };

/** One change of what lets somebody in. `type` is that of its event. */
const securityChange = z.object({ type: z.string(), at: moment, detail: z.string().nullable() });

/** One that can still be undone. */
const openChange = securityChange.extend({ url: link, expiresAt: moment });

const mfaMethod = z.enum(['totp', 'email']);

/**
 * Every mail this server sends, with what it says. Serialized into the outbox and read back by
 * this same schema, so that a row an older release left behind is judged and not trusted.
 */
export const mailMessage = z.discriminatedUnion('template', [
  z.object({
    template: z.literal('verify-email'),
    ...proof,
    name: z.string().nullable(),
    from: origin,
  }),
  /** Asked for by somebody who is not known to have registered here: a link and no code (PR-11). */
  z.object({ template: z.literal('prove-address'), url: link, expiresAt: moment, from: origin }),
  /** The first proof of an address took the account from whoever had claimed it before (PR-8). */
  z.object({ template: z.literal('earlier-claim-removed'), ...act }),
  /** Somebody registered with an address that has an account (LG-4). `url` leads to the app. */
  z.object({ template: z.literal('already-registered'), url: link, from: origin }),
  z.object({ template: z.literal('reset-password'), ...proof, from: origin }),
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
  /** To the address that was left; `email` is the one the account has again. */
  z.object({ template: z.literal('email-change-undone'), ...act, email: z.string() }),
  /** `email` is the account's address from then on. */
  z.object({
    template: z.literal('security-change-undone'),
    ...act,
    email: z.string(),
    undone: z.array(securityChange),
    restored: z.array(securityChange),
    stays: z.array(securityChange),
    openChanges: z.array(openChange),
  }),
  /** To an address that somebody else asked for while an undo can still bring it back (PR-12). */
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
  z.object({ template: z.literal('account-deleted'), at: moment }),
]);

/** One mail's template and what it says. */
export type MailMessage = z.output<typeof mailMessage>;

/** The name of a mail. */
export type MailTemplate = MailMessage['template'];

/** Where a request came from, as far as a mail says it. */
export type MailOrigin = z.output<typeof origin>;

/** One change that a mail tells of. */
export type MailedChange = z.output<typeof securityChange>;

/** The values of one mail. */
export type MailValues<T extends MailTemplate> = Extract<MailMessage, { template: T }>;
