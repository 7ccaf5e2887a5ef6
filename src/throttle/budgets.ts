import { DAY, HOUR, MINUTE, SECOND } from '../kernel/duration.ts';
import type { Budget } from '../kernel/throttle.ts';

/** NIST SP 800-63B-4: at most 100 consecutive failures; waits of 30 seconds up to an hour. */
const GROWING = { first: 30 * SECOND, longest: HOUR, most: 100 } as const;

/** More tries than are ever made: the budget never stays closed for longer than its waits. */
const NEVER = 2 ** 31 - 1;

/**
 * Every budget of the server (docs/security-bar.md, 1.3). Consecutive failures are remembered for
 * 30 days; none of them is ever a hard lock: a known device gets past what strangers closed, and a
 * password reset past that and past what other known devices closed (docs/decisions/0061).
 */
export const BUDGETS = {
  /** Wrong passwords of one address, whether or not it has an account, from everywhere (RL-2). */
  signInAccount: { name: 'sign-in.account', tries: 10, per: 30 * DAY, waits: GROWING },
  /** The same for one device that signed in to the account before (RL-3). */
  signInDevice: { name: 'sign-in.device', tries: 10, per: 30 * DAY, waits: GROWING },
  /** The same for all such devices of one account together: many devices are no more guesses (RL-2). */
  signInDevices: { name: 'sign-in.devices', tries: 30, per: 30 * DAY, waits: GROWING },
  /** Failed sign-ins from one source, whatever the account (RL-4). */
  signInSource: { name: 'sign-in.source', tries: 100, per: HOUR },
  /** Different accounts one source failed on and did not get into: a spray (RL-4). */
  signInSpray: { name: 'sign-in.spray', tries: 20, per: HOUR },
  /** Wrong proofs on a signed-in session: its thief guesses no faster than a stranger. */
  reauthentication: { name: 'reauthentication', tries: 10, per: 30 * DAY, waits: GROWING },
  /** Wrong or stale mail proofs from one source; each proof has five tries of its own (EO-2). */
  mailProof: { name: 'mail-proof', tries: 30, per: 15 * MINUTE },
  /** Round trips to a provider one source begins: each is a row here, and may be a request there. */
  oauthStart: { name: 'oauth.start', tries: 60, per: 15 * MINUTE },
  /** Round trips of one source that came back and failed; one that succeeds is given back. */
  oauthReturn: { name: 'oauth.return', tries: 60, per: 15 * MINUTE },
  /** Registrations from one source (RL-13). */
  registration: { name: 'registration', tries: 10, per: HOUR },
  /** Mails to one address that anybody can cause (RL-9). */
  mailBurst: { name: 'mail.burst', tries: 3, per: 15 * MINUTE },
  mailDay: { name: 'mail.day', tries: 10, per: DAY },
  /** The same for resets, and one more each hour: whoever holds the mailbox always gets one (RL-3). */
  resetDay: {
    name: 'mail.day',
    tries: 10,
    per: DAY,
    waits: { first: HOUR, longest: HOUR, most: NEVER },
  },
  /**
   * The same for the mail that proves an address: what is beyond the burst leaves when it opens, so
   * that a stranger who was faster delays the owner's mail and does not suppress it.
   */
  verificationBurst: { name: 'mail.burst', tries: 3, per: 15 * MINUTE, books: true },
  /** Of the mails that prove one address, those one source may cause in a day. */
  verificationSource: { name: 'mail.source-address', tries: 3, per: DAY },
  /** Wrong codes of one registration; they come back an hour after the first (EO-2). */
  registrationCode: { name: 'registration.code', tries: 5, per: HOUR },
  /** What one registration or one source has asked for: it refuses nothing, `resendableAt` tells it. */
  asks: { name: 'mail.asks', tries: 3, per: DAY },
  asksBurst: { name: 'mail.asks-burst', tries: 3, per: 15 * MINUTE },
  /** Codes mailed to one account that somebody with a first proof asks for (RL-9). */
  codeMailBurst: { name: 'code-mail.burst', tries: 6, per: 15 * MINUTE },
  codeMailDay: { name: 'code-mail.day', tries: 30, per: DAY },
  /**
   * Right first factors of one account, sessions and challenges that they make (RL-14). A person needs
   * a few a day; a test suite that signs one account in for each test fits in, at one every 30 s.
   * Nobody uses it up without a right password, mail or account at a provider; a password reset
   * opens it.
   */
  signInsAccount: { name: 'sign-ins.account', tries: 120, per: HOUR },
  /**
   * The same of one source, all its accounts together: 200 people behind one address who sign in
   * within a minute are far below. A known device is not counted here, so that neighbors behind its
   * address cannot keep it out (RL-3).
   */
  signInsSource: { name: 'sign-ins.source', tries: 6_000, per: HOUR },
  /** Signed-in mutations of one session. Setting up every factor and renaming oneself takes fifteen. */
  changesSession: { name: 'changes.session', tries: 60, per: HOUR },
  /** The same of one account: more than five sessions' worth, so a stolen one leaves the owner enough. */
  changesAccount: { name: 'changes.account', tries: 360, per: HOUR },
  /** The same of one source, all its accounts together. */
  changesSource: { name: 'changes.source', tries: 3_000, per: HOUR },
  /**
   * Mails that accounts with an unproven address ask for from one source, to that address (RL-9). It is
   * apart from the mails that strangers cause, who could keep the person's from them otherwise.
   */
  mailUnproven: { name: 'mail.source-unproven', tries: 20, per: HOUR },
  /** Mails one source causes, to whomever (RL-9). */
  mailSource: { name: 'mail.source', tries: 20, per: HOUR },
  /**
   * Exchanges of one session's refresh token, counted in the session's own row (RL-14). A client needs
   * four an hour; one that keeps its access token in memory alone needs one for each page load, in each tab.
   */
  refreshes: { name: 'refreshes.session', tries: 3_600, per: HOUR },
} as const satisfies Record<string, Budget>;

/**
 * What the networks around the narrowest are allowed, as a multiple of its allowance. A /56 is what
 * many households are given, a /48 a company or anybody with a free tunnel; phones of one operator may
 * share one. So a /48 may do as much as sixteen IPv4 addresses, and not as much as its 65,536 /64s.
 */
const NETWORKS = [
  { suffix: '', factor: 1 },
  { suffix: '/56', factor: 4 },
  { suffix: '/48', factor: 16 },
] as const;

/**
 * The budget of one of a source's networks.
 *
 * @param index of the network among those that `sourceOf` names
 */
export function ofNetwork(
  budget: Budget,
  index: number,
): { readonly budget: Budget; readonly factor: number } {
  const { suffix, factor } = NETWORKS[index] ?? NETWORKS[0];
  return {
    budget: { ...budget, name: budget.name + suffix, tries: budget.tries * factor },
    factor,
  };
}
