import type { Config } from '../config.ts';
import type { User } from '../db/tables/user.ts';
import type { FieldLimits } from '../graphql/rate-limits.ts';
import { isWithin } from '../kernel/network.ts';
import type { Client } from '../kernel/ports.ts';
import type { Limit, LimitRule } from '../kernel/rate-limit.ts';
import { sourceOf } from '../kernel/source.ts';
import type { Device } from './device-token.ts';
import { configured, type LimitSettings, type NamedRule, RULES, ruleOfNetwork } from './rules.ts';

/**
 * Tries under way at once: fewer than the budget, so that people behind one address who sign in in
 * the same second wait a moment for each other instead of being refused (RL-4).
 */
const CONCURRENCY = { source: 16, account: 5, plan: 2 } as const;

/** What charges depend on. */
export type LimitConfig = Pick<Config, 'mode'> & LimitSettings;

/**
 * A budget of one source, counted for each of its networks (RL-5): narrowest first, so that one network
 * that has used up its own allowance takes nothing of the wider one's.
 *
 * @param limit.times how many times the allowance of the narrowest
 * @param limit.concurrency attempts under way at once from the narrowest; wider networks have more
 */
function sourceLimits(
  config: LimitSettings,
  budget: NamedRule,
  client: Client,
  limit: { readonly concurrency?: number; readonly member?: string; readonly times?: number } = {},
): readonly Limit[] {
  if (isExempt(config, client)) return [];
  const { concurrency, member, times = 1 } = limit;
  const allowed = timesAllowed(configured(config, budget), times);
  return sourceOf(client).map((network, index) => {
    const { budget: own, factor } = ruleOfNetwork(allowed, index);
    return {
      rule: own,
      key: [network],
      ...(member !== undefined && { member }),
      ...(concurrency !== undefined && { concurrency: concurrency * factor }),
    };
  });
}

/** True for a client behind an egress that many share: no limit of the source counts its people together. */
function isExempt({ rateLimits }: LimitSettings, { ipAddress }: Client): boolean {
  return ipAddress !== null && rateLimits.exemptSources.some((one) => isWithin(ipAddress, one));
}

/**
 * True for the developer's own machine, where every account of a trial run has the same source.
 * Never in production: there, loopback is a proxy that TRUSTED_PROXY_HOPS does not count.
 */
function isOwnMachine({ mode }: Pick<Config, 'mode'>, { ipAddress }: Client): boolean {
  return mode === 'development' && (ipAddress === '::1' || ipAddress?.startsWith('127.') === true);
}

/**
 * What a sign-in with a password is charged to. A device that signed in to this very account before
 * has a budget of its own, so strangers can use up neither the account's nor the address's for it
 * (RL-3). Where that is closed, perhaps by somebody who once had the password and kept device tokens,
 * it is charged as a stranger, which is no more guesses than without the token (RL-2).
 *
 * @param device of a device token that was found genuine for this address, or null
 */
export function signInLimits(
  config: LimitSettings,
  client: Client,
  email: string,
  device: Device | null,
): readonly Limit[] {
  const strangers = [
    ...sourceLimits(config, RULES.signInSource, client, { concurrency: CONCURRENCY.source }),
    ...sourceLimits(config, RULES.signInSpray, client, { member: email }),
    accountLimit(config, email),
  ];
  if (device === null) return strangers;
  const own: Limit = {
    rule: configured(config, RULES.signInDevice),
    key: [email, device.id],
    device: { email, issuedAt: device.issuedAt },
    concurrency: CONCURRENCY.account,
    fallback: strangers,
  };
  return [own, devicesLimit(config, email)];
}

/**
 * The counters of an account's consecutive failures that are not of one device; forgive them when its
 * password was reset. In the order in which a try takes them.
 */
function signInAccountLimits(config: LimitSettings, email: string): readonly Limit[] {
  return [devicesLimit(config, email), accountLimit(config, email)];
}

/**
 * All counters of an account that someone with its old password can have used up: what keeps the owner
 * from signing in, with a code of the mail as the second factor too, and from setting the account right
 * afterwards. Forgive them when its password was reset (RL-3).
 */
export function limitsOfAccount(
  config: LimitSettings,
  account: Pick<User, 'id' | 'email'>,
): readonly Limit[] {
  return [
    ...signInAccountLimits(config, account.email),
    ...codeMailLimits(config, account.id),
    { rule: configured(config, RULES.signInsAccount), key: [account.id] },
    { rule: configured(config, RULES.changesAccount), key: [account.id] },
  ];
}

function devicesLimit(config: LimitSettings, email: string): Limit {
  return {
    rule: configured(config, RULES.signInDevices),
    key: [email],
    concurrency: CONCURRENCY.account,
  };
}

function accountLimit(config: LimitSettings, email: string): Limit {
  return {
    rule: configured(config, RULES.signInAccount),
    key: [email],
    concurrency: CONCURRENCY.account,
  };
}

/** What proving oneself again on a session is charged to, and every check of a known password. */
export function reauthenticationLimits(config: LimitSettings, sessionId: string): readonly Limit[] {
  const budget = configured(config, RULES.reauthentication);
  return [{ rule: budget, key: [sessionId], concurrency: CONCURRENCY.account }];
}

/** What bringing back a mail's token or code is charged to. */
export function mailProofLimits(config: LimitSettings, client: Client): readonly Limit[] {
  return sourceLimits(config, RULES.mailProof, client, { concurrency: CONCURRENCY.source });
}

/** What a round trip to a provider is charged to, on its way out or back. */
export function oauthLimits(
  config: LimitConfig,
  client: Client,
  way: 'start' | 'return',
): readonly Limit[] {
  if (isOwnMachine(config, client)) return [];
  const budget = way === 'start' ? RULES.oauthStart : RULES.oauthReturn;
  return sourceLimits(config, budget, client);
}

export function registrationLimits(config: LimitConfig, client: Client): readonly Limit[] {
  if (isOwnMachine(config, client)) return [];
  return sourceLimits(config, RULES.registration, client);
}

/**
 * What a mail is charged to that anybody can have sent to an address. Each purpose has its own
 * budget: a stranger who asks for one kind of mail cannot keep the others from their owner (RL-3).
 *
 * @param mail.byOwner asked for by one who has shown a session, the password or a device token of
 *   that address: such mails have a budget that strangers cannot use up, nor their source's (ADR-0016)
 */
export function mailLimits(
  config: LimitConfig,
  client: Client,
  mail: { readonly purpose: string; readonly email: string; readonly byOwner?: boolean },
): readonly Limit[] {
  const address = [mail.purpose, mail.email, ...(mail.byOwner ? ['owner'] : [])];
  const isFree = mail.byOwner || isOwnMachine(config, client);
  return [
    ...(isFree ? [] : sourceLimits(config, RULES.mailSource, client)),
    // The day's budget last: what the burst's refuses must not use the day up.
    { rule: configured(config, RULES.mailBurst), key: address },
    {
      rule: configured(config, mail.purpose === 'reset-password' ? RULES.resetDay : RULES.mailDay),
      key: address,
    },
  ];
}

/**
 * What a mail is charged to that proves an address. All that refuse stand before the one that books.
 * Who has shown a session or the password of an account that nobody has proven may have made it with
 * a stranger's address: its source is counted, apart from strangers' sources.
 *
 * @param mail.decoy nothing is mailed: charged to a key of its own, so that asking for what mails
 *   nothing leaves the address its mails (PR-11)
 * @param mail.byOwner see {@link mailLimits}
 */
export function verificationMailLimits(
  config: LimitConfig,
  client: Client,
  mail: { readonly email: string; readonly byOwner: boolean; readonly decoy: boolean },
): readonly Limit[] {
  const owner = mail.byOwner ? ['owner'] : [];
  const address = ['verify-email', mail.email, ...owner, ...(mail.decoy ? ['decoy'] : [])];
  const ofSource = sourceOf(client).map((network) => ({
    rule: configured(config, RULES.verificationSource),
    key: [network, ...address],
  }));
  const ofStrangers = () => [...sourceLimits(config, RULES.mailSource, client), ...ofSource];
  return [
    ...(mail.byOwner ? unprovenSourceLimits(config, client) : []),
    ...(mail.byOwner || isOwnMachine(config, client) ? [] : ofStrangers()),
    { rule: configured(config, RULES.mailDay), key: address },
    { rule: configured(config, RULES.verificationBurst), key: address },
  ];
}

function unprovenSourceLimits(config: LimitConfig, client: Client): readonly Limit[] {
  return isOwnMachine(config, client) ? [] : sourceLimits(config, RULES.mailUnproven, client);
}

/**
 * What the code that sets up codes by mail is charged to: like any other code, and where nobody has
 * proven the address like any mail to a stranger (RL-9).
 */
export function enrollmentCodeLimits(
  config: LimitConfig,
  client: Client,
  user: { readonly id: string; readonly email: string; readonly emailVerifiedAt: Date | null },
): readonly Limit[] {
  if (user.emailVerifiedAt !== null) return codeMailLimits(config, user.id);
  const of = ['enable-email-mfa', user.email];
  return [
    ...unprovenSourceLimits(config, client),
    { rule: configured(config, RULES.mailBurst), key: of },
    { rule: configured(config, RULES.mailDay), key: of },
  ];
}

/**
 * What `resendableAt` is told from: the asks of one registration or account, never those of others.
 *
 * @param who.id of the registration or the account; without one the source counts, for this address
 */
export function verificationRequestLimits(
  config: LimitConfig,
  client: Client,
  who: { readonly id: string | null; readonly email: string; readonly byOwner: boolean },
): readonly Limit[] {
  // Whom no source limits, the burst alone does.
  const isFree = who.byOwner || isOwnMachine(config, client);
  const of = who.id === null ? [...sourceOf(client).slice(0, 1), who.email] : [who.id];
  const budget = configured(config, isFree ? RULES.asksBurst : RULES.asks);
  return [{ rule: budget, key: ['verify-email', ...of] }];
}

/** The same for another mail that anybody may ask for: what this asker asked for this address. */
export function mailRequestLimits(
  config: LimitSettings,
  purpose: string,
  who: { readonly asker: string; readonly email: string },
): readonly Limit[] {
  return [{ rule: configured(config, RULES.asksBurst), key: [purpose, who.asker, who.email] }];
}

/** What a code of the mail that proves an address is charged to: its registration alone (EO-2). */
export function registrationCodeLimits(config: LimitSettings, holder: string): readonly Limit[] {
  return [{ rule: configured(config, RULES.registrationCode), key: [holder] }];
}

/**
 * What a code mailed to a person is charged to who has proven something already. By the account, so
 * that no stranger can use it up.
 */
export function codeMailLimits(config: LimitSettings, userId: string): readonly Limit[] {
  return [
    { rule: configured(config, RULES.codeMailBurst), key: [userId] },
    { rule: configured(config, RULES.codeMailDay), key: [userId] },
  ];
}

/**
 * What a right first factor is charged to, for the session or the challenge that it makes (RL-14).
 *
 * @param of.isKnownDevice true for a device that signed in to this account before
 */
export function completedSignInLimits(
  config: LimitConfig,
  client: Client,
  { userId, isKnownDevice }: { readonly userId: string; readonly isKnownDevice: boolean },
): readonly Limit[] {
  const times = timesOf(config, client);
  const budget = timesAllowed(configured(config, RULES.signInsAccount), times);
  const account = { rule: budget, key: [userId] };
  if (isKnownDevice) return [account];
  return [account, ...sourceLimits(config, RULES.signInsSource, client, { times })];
}

/**
 * What a signed-in mutation is charged to (RL-14): the session first, so that a stolen one uses up its
 * own allowance before it touches the account's. Only so many of one account are under way at once,
 * since each waits for the person's row with a connection of the pool in hand.
 */
export function changeLimits(
  config: LimitConfig,
  client: Client,
  of: { readonly userId: string; readonly sessionId: string },
): readonly Limit[] {
  const times = timesOf(config, client);
  const allowed = (budget: NamedRule) => timesAllowed(configured(config, budget), times);
  return [
    { rule: allowed(RULES.changesSession), key: [of.sessionId] },
    { rule: allowed(RULES.changesAccount), key: [of.userId], concurrency: CONCURRENCY.account },
    ...sourceLimits(config, RULES.changesSource, client, { times }),
  ];
}

/**
 * What an act is charged to that only takes away access. Neighbors behind the same address cannot
 * keep a person from ending a thief's session; the source's sessions are bounded where they begin.
 */
function revocationLimits(
  config: LimitConfig,
  client: Client,
  of: { readonly userId: string; readonly sessionId: string },
): readonly Limit[] {
  return changeLimits(config, client, of).slice(0, 2);
}

/** What looking at the plan of an undo is charged to, by the account that the link is of. */
export function undoPlanLimits(config: LimitSettings, userId: string): readonly Limit[] {
  return [
    { rule: configured(config, RULES.undoPlan), key: [userId], concurrency: CONCURRENCY.plan },
  ];
}

/** How much more of what succeeds is allowed to the developer's own machine. */
const OWN_MACHINE = 100;

/**
 * The end-to-end tests of an application sign one account in for each test, or keep one session for all
 * of them, several times an hour. The limits are counted there as everywhere, and are far away.
 */
function timesOf(config: LimitConfig, client: Client): number {
  return isOwnMachine(config, client) ? OWN_MACHINE : 1;
}

function timesAllowed(budget: NamedRule, times: number): NamedRule {
  return { ...budget, allowance: budget.allowance * times };
}

/**
 * The limits of a mutation of a signed-in person: the schema counts the mutation before its resolver runs.
 *
 * @param own rules that the operation itself counts in addition
 */
export function limitedChange(...own: readonly LimitRule[]): FieldLimits {
  return {
    rules: [RULES.changesSession, RULES.changesAccount, RULES.changesSource, ...own],
    limits: (config, { user, session }, client) =>
      changeLimits(config, client, { userId: user.id, sessionId: session.id }),
  };
}

/** The limits of a signed-in mutation whose operation counts nothing in addition. */
export const LIMITED_CHANGE: FieldLimits = limitedChange();

/** The limits of a mutation that only takes access away: no neighbor of the client can use them up. */
export const LIMITED_REVOCATION: FieldLimits = {
  rules: [RULES.changesSession, RULES.changesAccount],
  limits: (config, { user, session }, client) =>
    revocationLimits(config, client, { userId: user.id, sessionId: session.id }),
};

/** The limits of a mutation whose operation counts it itself, toward these rules. */
export function limitedBy(...rules: readonly LimitRule[]): FieldLimits {
  return { rules };
}
