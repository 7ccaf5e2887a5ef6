import type { Config } from '../config.ts';
import type { User } from '../db/tables/user.ts';
import { isWithin } from '../kernel/network.ts';
import type { Client } from '../kernel/ports.ts';
import type { Charge } from '../kernel/rate-limit.ts';
import { sourceOf } from '../kernel/source.ts';
import { asSet, BUDGETS, type LimitSettings, type OwnBudget, ofNetwork } from './budgets.ts';
import type { Device } from './device-token.ts';

/**
 * Tries under way at once: fewer than the budget, so that people behind one address who sign in in
 * the same second wait a moment for each other instead of being refused (RL-4).
 */
const LANES = { source: 16, account: 5, plan: 2 } as const;

/** What charges depend on. */
export type ChargeConfig = Pick<Config, 'mode'> & LimitSettings;

/**
 * A budget of one source, counted for each of its networks (RL-5): narrowest first, so that one network
 * that has used up its own allowance takes nothing of the wider one's.
 *
 * @param limit.times how many times the allowance of the narrowest
 * @param limit.lanes tries under way at once from the narrowest; wider networks have more
 */
function sourceCharges(
  config: LimitSettings,
  budget: OwnBudget,
  client: Client,
  limit: { readonly lanes?: number; readonly member?: string; readonly times?: number } = {},
): readonly Charge[] {
  if (isExempt(config, client)) return [];
  const { lanes, member, times = 1 } = limit;
  const allowed = timesAllowed(asSet(config, budget), times);
  return sourceOf(client).map((network, index) => {
    const { budget: own, factor } = ofNetwork(allowed, index);
    return {
      budget: own,
      of: [network],
      ...(member !== undefined && { member }),
      ...(lanes !== undefined && { lanes: lanes * factor }),
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
export function signInCharges(
  config: LimitSettings,
  client: Client,
  email: string,
  device: Device | null,
): readonly Charge[] {
  const strangers = [
    ...sourceCharges(config, BUDGETS.signInSource, client, { lanes: LANES.source }),
    ...sourceCharges(config, BUDGETS.signInSpray, client, { member: email }),
    accountCharge(config, email),
  ];
  if (device === null) return strangers;
  const own: Charge = {
    budget: asSet(config, BUDGETS.signInDevice),
    of: [email, device.id],
    device: { email, issuedAt: device.issuedAt },
    lanes: LANES.account,
    instead: strangers,
  };
  return [own, devicesCharge(config, email)];
}

/**
 * The counters of an account's consecutive failures that are not of one device; forgive them when its
 * password was reset. In the order in which a try takes them.
 */
function accountCharges(config: LimitSettings, email: string): readonly Charge[] {
  return [devicesCharge(config, email), accountCharge(config, email)];
}

/**
 * All counters of an account that someone with its old password can have used up: what keeps the owner
 * from signing in, with a code of the mail as the second factor too, and from setting the account right
 * afterwards. Forgive them when its password was reset (RL-3).
 */
export function resetCharges(
  config: LimitSettings,
  account: Pick<User, 'id' | 'email'>,
): readonly Charge[] {
  return [
    ...accountCharges(config, account.email),
    ...codeMailCharges(config, account.id),
    { budget: asSet(config, BUDGETS.signInsAccount), of: [account.id] },
    { budget: asSet(config, BUDGETS.changesAccount), of: [account.id] },
  ];
}

function devicesCharge(config: LimitSettings, email: string): Charge {
  return { budget: asSet(config, BUDGETS.signInDevices), of: [email], lanes: LANES.account };
}

function accountCharge(config: LimitSettings, email: string): Charge {
  return { budget: asSet(config, BUDGETS.signInAccount), of: [email], lanes: LANES.account };
}

/** What proving oneself again on a session is charged to, and every check of a known password. */
export function reauthenticationCharges(
  config: LimitSettings,
  sessionId: string,
): readonly Charge[] {
  const budget = asSet(config, BUDGETS.reauthentication);
  return [{ budget, of: [sessionId], lanes: LANES.account }];
}

/** What bringing back a mail's token or code is charged to. */
export function mailProofCharges(config: LimitSettings, client: Client): readonly Charge[] {
  return sourceCharges(config, BUDGETS.mailProof, client, { lanes: LANES.source });
}

/** What a round trip to a provider is charged to, on its way out or back. */
export function oauthCharges(
  config: ChargeConfig,
  client: Client,
  way: 'start' | 'return',
): readonly Charge[] {
  if (isOwnMachine(config, client)) return [];
  const budget = way === 'start' ? BUDGETS.oauthStart : BUDGETS.oauthReturn;
  return sourceCharges(config, budget, client);
}

export function registrationCharges(config: ChargeConfig, client: Client): readonly Charge[] {
  if (isOwnMachine(config, client)) return [];
  return sourceCharges(config, BUDGETS.registration, client);
}

/**
 * What a mail is charged to that anybody can have sent to an address. Each purpose has its own
 * budget: a stranger who asks for one kind of mail cannot keep the others from their owner (RL-3).
 *
 * @param mail.byOwner asked for by one who has shown a session, the password or a device token of
 *   that address: such mails have a budget that strangers cannot use up, nor their source's (0064)
 */
export function mailCharges(
  config: ChargeConfig,
  client: Client,
  mail: { readonly purpose: string; readonly email: string; readonly byOwner?: boolean },
): readonly Charge[] {
  const address = [mail.purpose, mail.email, ...(mail.byOwner ? ['owner'] : [])];
  const isFree = mail.byOwner || isOwnMachine(config, client);
  return [
    ...(isFree ? [] : sourceCharges(config, BUDGETS.mailSource, client)),
    // The day's budget last: what the burst's refuses must not use the day up.
    { budget: asSet(config, BUDGETS.mailBurst), of: address },
    {
      budget: asSet(config, mail.purpose === 'reset-password' ? BUDGETS.resetDay : BUDGETS.mailDay),
      of: address,
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
 * @param mail.byOwner see {@link mailCharges}
 */
export function verificationCharges(
  config: ChargeConfig,
  client: Client,
  mail: { readonly email: string; readonly byOwner: boolean; readonly decoy: boolean },
): readonly Charge[] {
  const owner = mail.byOwner ? ['owner'] : [];
  const address = ['verify-email', mail.email, ...owner, ...(mail.decoy ? ['decoy'] : [])];
  const ofSource = sourceOf(client).map((network) => ({
    budget: asSet(config, BUDGETS.verificationSource),
    of: [network, ...address],
  }));
  const ofStrangers = () => [...sourceCharges(config, BUDGETS.mailSource, client), ...ofSource];
  return [
    ...(mail.byOwner ? unprovenCharges(config, client) : []),
    ...(mail.byOwner || isOwnMachine(config, client) ? [] : ofStrangers()),
    { budget: asSet(config, BUDGETS.mailDay), of: address },
    { budget: asSet(config, BUDGETS.verificationBurst), of: address },
  ];
}

function unprovenCharges(config: ChargeConfig, client: Client): readonly Charge[] {
  return isOwnMachine(config, client) ? [] : sourceCharges(config, BUDGETS.mailUnproven, client);
}

/**
 * What the code that sets up codes by mail is charged to: like any other code, and where nobody has
 * proven the address like any mail to a stranger (RL-9).
 */
export function enrollmentCodeCharges(
  config: ChargeConfig,
  client: Client,
  user: { readonly id: string; readonly email: string; readonly emailVerifiedAt: Date | null },
): readonly Charge[] {
  if (user.emailVerifiedAt !== null) return codeMailCharges(config, user.id);
  const of = ['enable-email-mfa', user.email];
  return [
    ...unprovenCharges(config, client),
    { budget: asSet(config, BUDGETS.mailBurst), of },
    { budget: asSet(config, BUDGETS.mailDay), of },
  ];
}

/**
 * What `resendableAt` is told from: the asks of one registration or account, never those of others.
 *
 * @param who.id of the registration or the account; without one the source counts, for this address
 */
export function verificationAsks(
  config: ChargeConfig,
  client: Client,
  who: { readonly id: string | null; readonly email: string; readonly byOwner: boolean },
): readonly Charge[] {
  // Whom no source limits, the burst alone does.
  const isFree = who.byOwner || isOwnMachine(config, client);
  const of = who.id === null ? [...sourceOf(client).slice(0, 1), who.email] : [who.id];
  const budget = asSet(config, isFree ? BUDGETS.asksBurst : BUDGETS.asks);
  return [{ budget, of: ['verify-email', ...of] }];
}

/** The same for another mail that anybody may ask for: what this asker asked for this address. */
export function mailAsks(
  config: LimitSettings,
  purpose: string,
  who: { readonly asker: string; readonly email: string },
): readonly Charge[] {
  return [{ budget: asSet(config, BUDGETS.asksBurst), of: [purpose, who.asker, who.email] }];
}

/** What a code of the mail that proves an address is charged to: its registration alone (EO-2). */
export function registrationCodeCharges(config: LimitSettings, holder: string): readonly Charge[] {
  return [{ budget: asSet(config, BUDGETS.registrationCode), of: [holder] }];
}

/**
 * What a code mailed to a person is charged to who has proven something already. By the account, so
 * that no stranger can use it up.
 */
export function codeMailCharges(config: LimitSettings, userId: string): readonly Charge[] {
  return [
    { budget: asSet(config, BUDGETS.codeMailBurst), of: [userId] },
    { budget: asSet(config, BUDGETS.codeMailDay), of: [userId] },
  ];
}

/**
 * What a right first factor is charged to, for the session or the challenge that it makes (RL-14).
 *
 * @param of.isKnownDevice true for a device that signed in to this account before
 */
export function signInsCharges(
  config: ChargeConfig,
  client: Client,
  { userId, isKnownDevice }: { readonly userId: string; readonly isKnownDevice: boolean },
): readonly Charge[] {
  const times = timesOf(config, client);
  const budget = timesAllowed(asSet(config, BUDGETS.signInsAccount), times);
  const account = { budget, of: [userId] };
  if (isKnownDevice) return [account];
  return [account, ...sourceCharges(config, BUDGETS.signInsSource, client, { times })];
}

/**
 * What a signed-in mutation is charged to (RL-14): the session first, so that a stolen one uses up its
 * own allowance before it touches the account's. Only so many of one account are under way at once,
 * since each waits for the person's row with a connection of the pool in hand.
 */
export function changeCharges(
  config: ChargeConfig,
  client: Client,
  of: { readonly userId: string; readonly sessionId: string },
): readonly Charge[] {
  const times = timesOf(config, client);
  const allowed = (budget: OwnBudget) => timesAllowed(asSet(config, budget), times);
  return [
    { budget: allowed(BUDGETS.changesSession), of: [of.sessionId] },
    { budget: allowed(BUDGETS.changesAccount), of: [of.userId], lanes: LANES.account },
    ...sourceCharges(config, BUDGETS.changesSource, client, { times }),
  ];
}

/**
 * What an act is charged to that only takes away access. Neighbors behind the same address cannot
 * keep a person from ending a thief's session; the source's sessions are bounded where they begin.
 */
export function revocationCharges(
  config: ChargeConfig,
  client: Client,
  of: { readonly userId: string; readonly sessionId: string },
): readonly Charge[] {
  return changeCharges(config, client, of).slice(0, 2);
}

/** What looking at the plan of an undo is charged to, by the account that the link is of. */
export function undoPlanCharges(config: LimitSettings, userId: string): readonly Charge[] {
  return [{ budget: asSet(config, BUDGETS.undoPlan), of: [userId], lanes: LANES.plan }];
}

/** How much more of what succeeds is allowed to the developer's own machine. */
const OWN_MACHINE = 100;

/**
 * The end-to-end tests of an application sign one account in for each test, or keep one session for all
 * of them, several times an hour. The limits are counted there as everywhere, and are far away.
 */
function timesOf(config: ChargeConfig, client: Client): number {
  return isOwnMachine(config, client) ? OWN_MACHINE : 1;
}

function timesAllowed(budget: OwnBudget, times: number): OwnBudget {
  return { ...budget, tries: budget.tries * times };
}
