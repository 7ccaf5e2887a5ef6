import type { Config } from '../config.ts';
import type { User } from '../db/tables/user.ts';
import type { Client } from '../kernel/ports.ts';
import { sourceOf } from '../kernel/source.ts';
import type { Budget, Charge } from '../kernel/throttle.ts';
import { BUDGETS, ofNetwork } from './budgets.ts';
import type { Device } from './device-token.ts';

/**
 * Tries under way at once: fewer than the budget, so that people behind one address who sign in in
 * the same second wait a moment for each other instead of being refused (RL-4).
 */
const LANES = { source: 16, account: 5 } as const;

/**
 * A budget of one source, counted for each of its networks (RL-5): narrowest first, so that one network
 * that has used up its own allowance takes nothing of the wider one's.
 *
 * @param limit.lanes tries under way at once from the narrowest; wider networks have more
 */
function sourceCharges(
  budget: Budget,
  client: Client,
  limit: { readonly lanes?: number; readonly member?: string } = {},
): readonly Charge[] {
  const { lanes, member } = limit;
  return sourceOf(client).map((network, index) => {
    const { budget: own, factor } = ofNetwork(budget, index);
    return {
      budget: own,
      of: [network],
      ...(member !== undefined && { member }),
      ...(lanes !== undefined && { lanes: lanes * factor }),
    };
  });
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
  client: Client,
  email: string,
  device: Device | null,
): readonly Charge[] {
  const strangers = [
    ...sourceCharges(BUDGETS.signInSource, client, { lanes: LANES.source }),
    ...sourceCharges(BUDGETS.signInSpray, client, { member: email }),
    accountCharge(email),
  ];
  if (device === null) return strangers;
  const own: Charge = {
    budget: BUDGETS.signInDevice,
    of: [email, device.id],
    device: { email, issuedAt: device.issuedAt },
    lanes: LANES.account,
    instead: strangers,
  };
  return [own, devicesCharge(email)];
}

/**
 * The counters of an account's consecutive failures that are not of one device; forgive them when its
 * password was reset. In the order in which a try takes them.
 */
function accountCharges(email: string): readonly Charge[] {
  return [devicesCharge(email), accountCharge(email)];
}

/**
 * All counters of an account that someone with its old password can have used up: what keeps the owner
 * from signing in, with a code of the mail as the second factor too, and from setting the account right
 * afterwards. Forgive them when its password was reset (RL-3).
 */
export function resetCharges(account: Pick<User, 'id' | 'email'>): readonly Charge[] {
  return [
    ...accountCharges(account.email),
    ...codeMailCharges(account.id),
    { budget: BUDGETS.signInsAccount, of: [account.id] },
    { budget: BUDGETS.changesAccount, of: [account.id] },
  ];
}

function devicesCharge(email: string): Charge {
  return { budget: BUDGETS.signInDevices, of: [email], lanes: LANES.account };
}

function accountCharge(email: string): Charge {
  return { budget: BUDGETS.signInAccount, of: [email], lanes: LANES.account };
}

/** What proving oneself again on a session is charged to, and every check of a known password. */
export function reauthenticationCharges(sessionId: string): readonly Charge[] {
  return [{ budget: BUDGETS.reauthentication, of: [sessionId], lanes: LANES.account }];
}

/** What bringing back a mail's token or code is charged to. */
export function mailProofCharges(client: Client): readonly Charge[] {
  return sourceCharges(BUDGETS.mailProof, client, { lanes: LANES.source });
}

/** What a round trip to a provider is charged to, on its way out or back. */
export function oauthCharges(
  config: Pick<Config, 'mode'>,
  client: Client,
  way: 'start' | 'return',
): readonly Charge[] {
  if (isOwnMachine(config, client)) return [];
  const budget = way === 'start' ? BUDGETS.oauthStart : BUDGETS.oauthReturn;
  return sourceCharges(budget, client);
}

export function registrationCharges(
  config: Pick<Config, 'mode'>,
  client: Client,
): readonly Charge[] {
  if (isOwnMachine(config, client)) return [];
  return sourceCharges(BUDGETS.registration, client);
}

/**
 * What a mail is charged to that anybody can have sent to an address. Each purpose has its own
 * budget: a stranger who asks for one kind of mail cannot keep the others from their owner (RL-3).
 *
 * @param mail.byOwner asked for by one who has shown a session, the password or a device token of
 *   that address: such mails have a budget that strangers cannot use up, nor their source's (0064)
 */
export function mailCharges(
  config: Pick<Config, 'mode'>,
  client: Client,
  mail: { readonly purpose: string; readonly email: string; readonly byOwner?: boolean },
): readonly Charge[] {
  const address = [mail.purpose, mail.email, ...(mail.byOwner ? ['owner'] : [])];
  const isFree = mail.byOwner || isOwnMachine(config, client);
  return [
    ...(isFree ? [] : sourceCharges(BUDGETS.mailSource, client)),
    // The day's budget last: what the burst's refuses must not use the day up.
    { budget: BUDGETS.mailBurst, of: address },
    {
      budget: mail.purpose === 'reset-password' ? BUDGETS.resetDay : BUDGETS.mailDay,
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
  config: Pick<Config, 'mode'>,
  client: Client,
  mail: { readonly email: string; readonly byOwner: boolean; readonly decoy: boolean },
): readonly Charge[] {
  const owner = mail.byOwner ? ['owner'] : [];
  const address = ['verify-email', mail.email, ...owner, ...(mail.decoy ? ['decoy'] : [])];
  const ofSource = sourceOf(client).map((network) => ({
    budget: BUDGETS.verificationSource,
    of: [network, ...address],
  }));
  const ofStrangers = () => [...sourceCharges(BUDGETS.mailSource, client), ...ofSource];
  return [
    ...(mail.byOwner ? unprovenCharges(config, client) : []),
    ...(mail.byOwner || isOwnMachine(config, client) ? [] : ofStrangers()),
    { budget: BUDGETS.mailDay, of: address },
    { budget: BUDGETS.verificationBurst, of: address },
  ];
}

function unprovenCharges(config: Pick<Config, 'mode'>, client: Client): readonly Charge[] {
  return isOwnMachine(config, client) ? [] : sourceCharges(BUDGETS.mailUnproven, client);
}

/**
 * What the code that sets up codes by mail is charged to: like any other code, and where nobody has
 * proven the address like any mail to a stranger (RL-9).
 */
export function enrollmentCodeCharges(
  config: Pick<Config, 'mode'>,
  client: Client,
  user: { readonly id: string; readonly email: string; readonly emailVerifiedAt: Date | null },
): readonly Charge[] {
  if (user.emailVerifiedAt !== null) return codeMailCharges(user.id);
  const of = ['enable-email-mfa', user.email];
  return [
    ...unprovenCharges(config, client),
    { budget: BUDGETS.mailBurst, of },
    { budget: BUDGETS.mailDay, of },
  ];
}

/**
 * What `resendableAt` is told from: the asks of one registration or account, never those of others.
 *
 * @param who.id of the registration or the account; without one the source counts, for this address
 */
export function verificationAsks(
  config: Pick<Config, 'mode'>,
  client: Client,
  who: { readonly id: string | null; readonly email: string; readonly byOwner: boolean },
): readonly Charge[] {
  // Whom no source limits, the burst alone does.
  const isFree = who.byOwner || isOwnMachine(config, client);
  const of = who.id === null ? [...sourceOf(client).slice(0, 1), who.email] : [who.id];
  return [{ budget: isFree ? BUDGETS.asksBurst : BUDGETS.asks, of: ['verify-email', ...of] }];
}

/** The same for another mail that anybody may ask for: what this asker asked for this address. */
export function mailAsks(
  purpose: string,
  who: { readonly asker: string; readonly email: string },
): readonly Charge[] {
  return [{ budget: BUDGETS.asksBurst, of: [purpose, who.asker, who.email] }];
}

/** What a code of the mail that proves an address is charged to: its registration alone (EO-2). */
export function registrationCodeCharges(holder: string): readonly Charge[] {
  return [{ budget: BUDGETS.registrationCode, of: [holder] }];
}

/**
 * What a code mailed to a person is charged to who has proven something already. By the account, so
 * that no stranger can use it up.
 */
export function codeMailCharges(userId: string): readonly Charge[] {
  return [
    { budget: BUDGETS.codeMailBurst, of: [userId] },
    { budget: BUDGETS.codeMailDay, of: [userId] },
  ];
}

/**
 * What a right first factor is charged to, for the session or the challenge that it makes (RL-14).
 *
 * @param of.isKnownDevice true for a device that signed in to this account before
 */
export function signInsCharges(
  config: Pick<Config, 'mode'>,
  client: Client,
  { userId, isKnownDevice }: { readonly userId: string; readonly isKnownDevice: boolean },
): readonly Charge[] {
  const allowed = allowanceOf(config, client);
  const account = { budget: allowed(BUDGETS.signInsAccount), of: [userId] };
  if (isKnownDevice) return [account];
  return [account, ...sourceCharges(allowed(BUDGETS.signInsSource), client)];
}

/**
 * What a signed-in mutation is charged to (RL-14): the session first, so that a stolen one uses up its
 * own allowance before it touches the account's. Only so many of one account are under way at once,
 * since each waits for the person's row with a connection of the pool in hand.
 */
export function changeCharges(
  config: Pick<Config, 'mode'>,
  client: Client,
  of: { readonly userId: string; readonly sessionId: string },
): readonly Charge[] {
  const allowed = allowanceOf(config, client);
  return [
    { budget: allowed(BUDGETS.changesSession), of: [of.sessionId] },
    { budget: allowed(BUDGETS.changesAccount), of: [of.userId], lanes: LANES.account },
    ...sourceCharges(allowed(BUDGETS.changesSource), client),
  ];
}

/** How much more of what succeeds is allowed to the developer's own machine. */
const OWN_MACHINE = 100;

/**
 * The end-to-end tests of an application sign one account in for each test, or keep one session for all
 * of them, several times an hour. The limits are counted there as everywhere, and are far away.
 */
function allowanceOf(config: Pick<Config, 'mode'>, client: Client): (budget: Budget) => Budget {
  if (!isOwnMachine(config, client)) return (budget) => budget;
  return (budget) => ({ ...budget, tries: budget.tries * OWN_MACHINE });
}
