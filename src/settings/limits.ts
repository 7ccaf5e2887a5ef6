import { DAY, HOUR, MINUTE } from '../kernel/duration.ts';

/** One rate limit, as it is documented, and what an operator may make of it. */
export type Limit = {
  /** The subject whose attempts are counted together. */
  readonly key: string;
  readonly counts: string;
  readonly protects: string;
  readonly beyond: string;
  /** The default: so many within so many milliseconds. */
  readonly allowance: number;
  readonly period: number;
  /**
   * What RATE_LIMITS may set: an allowance from `least`, which leaves people room for their mistakes, to
   * `most`, beyond which the limit protects nobody, within the default period. Null for a limit that
   * is no setting.
   */
  readonly range: { readonly least: number; readonly most: number } | null;
  /** True where failures in a row are counted: the period is how long they are remembered, and stays. */
  readonly isConsecutive?: true;
  /** True for what a source alone is allowed; `exemptSources` lifts it, and no other limit. */
  readonly isOfSource?: true;
};

const REFUSED = 'RateLimitedError';
const SILENT = 'answered as if sent';
const WAITS =
  'one try after 30 s, 1 m, 2 m … 1 h; after 100, none until 30 quiet days have passed, except from a known device or after a reset';
const SOURCE = 'source';

/**
 * Every rate limit of the server, by the name that the audit log, the metrics and RATE_LIMITS use.
 * docs/rate-limits.md is generated from it.
 */
const LIMITS = {
  'sign-in.account': {
    key: 'email address, with or without an account, over all sources',
    counts: 'consecutive wrong passwords',
    protects: 'the password of one account from being guessed (RL-2)',
    beyond: WAITS,
    allowance: 10,
    period: 30 * DAY,
    // NIST SP 800-63B-4 allows 100 in a row altogether; ten come before the first wait.
    range: { least: 3, most: 10 },
    isConsecutive: true,
  },
  'sign-in.device': {
    key: 'device token and email address',
    counts: 'consecutive wrong passwords on a device that signed in to the account before',
    protects: 'the owner from strangers who use up sign-in.account (RL-3)',
    beyond: 'falls back to the limits of unknown devices, then the same waits',
    allowance: 10,
    period: 30 * DAY,
    range: { least: 3, most: 10 },
    isConsecutive: true,
  },
  'sign-in.devices': {
    key: 'email address, over all of its known devices',
    counts: 'consecutive wrong passwords on known devices',
    protects: 'the password from a holder of many device tokens (RL-2)',
    beyond: WAITS,
    allowance: 30,
    period: 30 * DAY,
    range: { least: 10, most: 30 },
    isConsecutive: true,
  },
  'sign-in.source': {
    key: SOURCE,
    counts: 'failed sign-ins, whatever the account',
    protects: 'all accounts from one guessing machine (RL-4)',
    beyond: REFUSED,
    allowance: 100,
    period: HOUR,
    range: { least: 20, most: 5_000 },
    isOfSource: true,
  },
  'sign-in.spray': {
    key: SOURCE,
    counts: 'different accounts with a failed sign-in and no successful one since',
    protects: 'all accounts from one password tried on each of them (RL-4)',
    beyond: REFUSED,
    allowance: 20,
    period: HOUR,
    range: { least: 5, most: 1_000 },
    isOfSource: true,
  },
  reauthentication: {
    key: 'session',
    counts: 'consecutive failed reauthentications',
    protects: 'the password from the thief of a session',
    beyond: 'one try after 30 s, 1 m, 2 m … 1 h',
    allowance: 10,
    period: 30 * DAY,
    range: { least: 3, most: 10 },
    isConsecutive: true,
  },
  'mail-proof': {
    key: SOURCE,
    counts:
      'wrong or expired tokens and codes from mails; each code has five tries of its own (EO-2)',
    protects: 'codes in mails from being guessed across many accounts',
    beyond: REFUSED,
    allowance: 30,
    period: 15 * MINUTE,
    range: { least: 10, most: 1_000 },
    isOfSource: true,
  },
  'email-sign-in.code': {
    key: 'source and email address',
    counts: 'wrong codes of sign-ins by mail, over all requests of a source for an address',
    protects: 'the code from being guessed with one mail after another (EO-2)',
    beyond: 'RateLimitedError; the link in the mail still works',
    allowance: 5,
    period: HOUR,
    range: { least: 3, most: 5 },
  },
  'email-sign-in.no-account': {
    key: 'email address',
    counts: 'mails that say that an address has no account, with `EMAIL_SIGN_IN=existing`',
    protects: 'one mailbox from a flood (RL-9)',
    beyond: SILENT,
    allowance: 1,
    period: DAY,
    range: null,
  },
  'oauth.start': {
    key: SOURCE,
    counts: 'started sign-ins at a provider',
    protects: 'the database and the provider: each start writes a row and may send a request',
    beyond: REFUSED,
    allowance: 60,
    period: 15 * MINUTE,
    range: { least: 10, most: 6_000 },
    isOfSource: true,
  },
  'oauth.return': {
    key: SOURCE,
    counts: 'sign-ins at a provider that returned and failed',
    protects: 'the provider from requests with invented codes',
    beyond: REFUSED,
    allowance: 60,
    period: 15 * MINUTE,
    range: { least: 10, most: 6_000 },
    isOfSource: true,
  },
  'oauth.form-post': {
    key: SOURCE,
    counts: 'forms posted to this server that belong to no sign-in under way',
    protects:
      'the database from invented forms; any web page can make its visitors post them, so they close nothing but the forms (AP-1)',
    beyond: '429 Too Many Requests',
    allowance: 60,
    period: 15 * MINUTE,
    range: { least: 10, most: 6_000 },
    isOfSource: true,
  },
  passkey: {
    key: SOURCE,
    counts: 'sign-ins with a passkey that failed',
    protects: 'the processor and the audit log from invented signatures',
    beyond: REFUSED,
    allowance: 60,
    period: 15 * MINUTE,
    range: { least: 10, most: 6_000 },
    isOfSource: true,
  },
  registration: {
    key: SOURCE,
    counts: 'registrations',
    protects: 'the database and other people’s mailboxes from fake accounts (RL-13)',
    beyond: REFUSED,
    allowance: 10,
    period: HOUR,
    range: { least: 5, most: 1_000 },
    isOfSource: true,
  },
  'mail.burst': {
    key: 'purpose and email address; the owner of the address has an equal limit, and so have administrators',
    counts: 'mails that anyone can cause',
    protects: 'one mailbox from a flood (RL-9)',
    beyond: 'answered as if sent; a mail that proves an address is sent in the next period',
    allowance: 3,
    period: 15 * MINUTE,
    range: { least: 2, most: 3 },
  },
  'mail.day': {
    key: 'purpose and email address; the owner of the address has an equal limit, and so have administrators',
    counts: 'mails that anyone can cause',
    protects: 'one mailbox from a flood (RL-9)',
    beyond: 'answered as if sent; password resets and sign-ins by mail: one more each hour',
    allowance: 10,
    period: DAY,
    range: { least: 5, most: 10 },
  },
  'mail.source-address': {
    key: 'source and email address',
    counts: 'mails that prove an address; a /56 and a /48 may cause no more than a /64',
    protects: 'the mails of an address from a stranger who would use up mail.day (RL-3)',
    beyond: SILENT,
    allowance: 3,
    period: DAY,
    range: { least: 2, most: 5 },
  },
  'registration.code': {
    key: 'registration, or account with an unproven address',
    counts: 'wrong codes from the mail that proves the address',
    protects: 'an address from being proven by guessing (EO-2)',
    beyond: REFUSED,
    allowance: 5,
    period: HOUR,
    range: { least: 3, most: 5 },
  },
  'mail.asks': {
    key: 'registration, account, or source and email address',
    counts: 'requests for a mail',
    protects: 'nothing: `resendableAt` is computed from it. It follows mail.source-address',
    beyond: 'refuses nothing',
    allowance: 3,
    period: DAY,
    range: null,
  },
  'mail.asks-burst': {
    key: 'registration, account, or source and email address',
    counts: 'requests for a mail',
    protects: 'nothing: `resendableAt` is computed from it. It follows mail.burst',
    beyond: 'refuses nothing',
    allowance: 3,
    period: 15 * MINUTE,
    range: null,
  },
  'code-mail.burst': {
    key: 'account',
    counts: 'codes mailed after a proven first factor; a password reset clears them',
    protects: 'one mailbox from a flood (RL-9)',
    beyond: SILENT,
    allowance: 6,
    period: 15 * MINUTE,
    range: { least: 3, most: 6 },
  },
  'code-mail.day': {
    key: 'account',
    counts: 'codes mailed after a proven first factor; a password reset clears them',
    protects: 'one mailbox from a flood (RL-9)',
    beyond: SILENT,
    allowance: 30,
    period: DAY,
    range: { least: 10, most: 30 },
  },
  'sign-ins.account': {
    key: 'account; passwords, mails, providers and passkeys are counted separately',
    counts:
      'proven first factors, which create sessions and challenges; a password reset clears them',
    protects: 'the database and the owner’s audit log from a flood of sign-ins (RL-14)',
    beyond: REFUSED,
    allowance: 120,
    period: HOUR,
    range: { least: 20, most: 600 },
  },
  'sign-ins.source': {
    key: `${SOURCE}; known devices are not counted (RL-3)`,
    counts: 'proven first factors, over all accounts',
    protects: 'the database from many accounts of one person (RL-14)',
    beyond: REFUSED,
    allowance: 6_000,
    period: HOUR,
    range: { least: 500, most: 100_000 },
    isOfSource: true,
  },
  'changes.session': {
    key: 'session',
    counts: 'signed-in mutations; setting up every second factor takes fifteen',
    protects: 'the account’s own allowance from the thief of a session (RL-14)',
    beyond: REFUSED,
    allowance: 60,
    period: HOUR,
    range: { least: 20, most: 300 },
  },
  'changes.account': {
    key: 'account; at most five at once in a process',
    counts: 'signed-in mutations; a password reset clears them',
    protects: 'the database and the owner’s audit log (RL-14)',
    beyond: REFUSED,
    allowance: 360,
    period: HOUR,
    range: { least: 60, most: 1_800 },
  },
  'changes.source': {
    key: SOURCE,
    counts: 'signed-in mutations, over all accounts',
    protects: 'the database from many accounts of one person (RL-14)',
    beyond: REFUSED,
    allowance: 3_000,
    period: HOUR,
    range: { least: 300, most: 100_000 },
    isOfSource: true,
  },
  'undo-plan.account': {
    key: 'account whose changes the link in a mail undoes',
    counts:
      'requests for what the link would undo (`mailedToken`); at most two at once in a process',
    protects: 'the database: each request reads every recorded change of the account',
    beyond: 'an error with the code REFUSED; the undo itself is not counted here',
    allowance: 30,
    period: 15 * MINUTE,
    range: { least: 10, most: 120 },
  },
  'mail.source-unproven': {
    key: SOURCE,
    counts: 'mails that accounts with an unproven address request to it',
    protects: 'strangers’ mailboxes from accounts made with their addresses (RL-9)',
    beyond: 'answered as if sent; `enableEmailMfa`: RateLimitedError',
    allowance: 20,
    period: HOUR,
    range: { least: 5, most: 1_000 },
    isOfSource: true,
  },
  'mail.source': {
    key: SOURCE,
    counts: 'mails, to any address',
    protects: 'many mailboxes, and the sender’s reputation, from one machine (RL-9)',
    beyond: SILENT,
    allowance: 20,
    period: HOUR,
    range: { least: 5, most: 1_000 },
    isOfSource: true,
  },
  administration: {
    key: 'admin token, or administrator',
    counts: 'changes through the administrators’ API',
    protects: 'the database and people’s mailboxes from a script that runs wild (RL-14)',
    beyond: REFUSED,
    allowance: 600,
    period: 10 * MINUTE,
    range: { least: 60, most: 60_000 },
  },
  'invitation.address': {
    key: 'email address, over all administrators and admin tokens',
    counts: 'invitations that are mailed',
    protects: 'one mailbox from a flood (RL-9)',
    beyond: REFUSED,
    allowance: 5,
    period: DAY,
    range: { least: 2, most: 10 },
  },
  'invitation.caller': {
    key: 'admin token, or administrator',
    counts: 'invitations that are mailed, to any address',
    protects: 'many mailboxes, and the sender’s reputation, from a stolen admin token (RL-9)',
    beyond: REFUSED,
    allowance: 1_000,
    period: DAY,
    range: { least: 50, most: 100_000 },
  },
  'refreshes.session': {
    key: 'session, counted in its own row',
    counts: 'uses of the refresh token',
    protects: 'the database from a client that refreshes in a loop (RL-14)',
    beyond: REFUSED,
    allowance: 3_600,
    period: HOUR,
    range: null,
  },
} as const satisfies Readonly<Record<string, Limit>>;

/** The name of a rate limit. */
export type LimitName = keyof typeof LIMITS;

/** The names, in the order of the document. */
export const LIMIT_NAMES: readonly LimitName[] = Object.keys(LIMITS).filter(isLimitName);

/** True for the name of a rate limit. */
export function isLimitName(name: string): name is LimitName {
  return Object.hasOwn(LIMITS, name);
}

/** A rate limit by its name, as a value of the one type. */
export function limitOf(name: LimitName): Limit {
  return LIMITS[name];
}
