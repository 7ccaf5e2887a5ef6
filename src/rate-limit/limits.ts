import type { Config } from '../config.ts';
import type { User } from '../db/tables/user.ts';
import type { RequestContext } from '../graphql/context.ts';
import type { FieldLimits } from '../graphql/rate-limits.ts';
import { requireViewer } from '../graphql/viewer.ts';
import { isWithin } from '../kernel/network.ts';
import type { Client } from '../kernel/ports.ts';
import type { Limit, LimitRule } from '../kernel/rate-limit.ts';
import { sourceOf } from '../kernel/source.ts';
import type { Device } from './device-token.ts';
import {
  configured,
  type LimitSettings,
  type NamedRule,
  type PasswordlessWay,
  RULES,
  ruleOfNetwork,
} from './rules.ts';

/**
 * Concurrency limits. They are lower than the allowances, so that people behind one address who sign in at
 * the same moment wait briefly for each other instead of being refused (RL-4).
 */
const CONCURRENCY = { source: 16, account: 5, plan: 2, caller: 5 } as const;

/** The part of the configuration that limits depend on. */
export type LimitConfig = Pick<Config, 'mode'> & LimitSettings;

/**
 * The limits of one source, one for each of its networks (RL-5). The narrowest network comes first: once it
 * has used up its own allowance, it takes nothing from the wider ones.
 *
 * @param options.times multiplies the allowances
 * @param options.concurrency of the narrowest network; wider networks have more
 */
function sourceLimits(
  config: LimitSettings,
  rule: NamedRule,
  client: Client,
  options: {
    readonly concurrency?: number;
    readonly member?: string;
    readonly times?: number;
  } = {},
): readonly Limit[] {
  if (isExempt(config, client)) return [];
  const { concurrency, member, times = 1 } = options;
  const allowed = timesAllowed(configured(config, rule), times);
  return sourceOf(client).map((network, index) => {
    const { rule: own, factor } = ruleOfNetwork(allowed, index);
    return {
      rule: own,
      key: [network],
      ...(member !== undefined && { member }),
      ...(concurrency !== undefined && { concurrency: concurrency * factor }),
    };
  });
}

/** True for a client behind a shared egress that RATE_LIMITS exempts from the limits of a source. */
function isExempt({ rateLimits }: LimitSettings, { ipAddress }: Client): boolean {
  return ipAddress !== null && rateLimits.exemptSources.some((one) => isWithin(ipAddress, one));
}

/**
 * True for the developer's own machine, which is the source of every account of a trial run. Never true in
 * production: there, loopback is a proxy that TRUSTED_PROXY_HOPS does not count.
 */
function isOwnMachine({ mode }: Pick<Config, 'mode'>, { ipAddress }: Client): boolean {
  return mode === 'development' && (ipAddress === '::1' || ipAddress?.startsWith('127.') === true);
}

/**
 * The limits of a sign-in with a password. A device that signed in to the account before has a limit of its
 * own, so that strangers can use up neither the account's nor the source's for it (RL-3). If that limit is
 * closed, perhaps by someone who once had the password and kept device tokens, the attempt falls back to
 * the limits of a stranger: that allows no more guesses than an attempt without the token (RL-2).
 *
 * @param device from a genuine device token of this address, or null
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
 * All limits of an account that someone with its old password can have used up. They keep the owner from
 * signing in, from getting a second-factor code by mail, and from repairing the account afterwards. Reset
 * them after a password reset (RL-3).
 */
export function limitsOfAccount(
  config: LimitSettings,
  account: Pick<User, 'id' | 'email'>,
): readonly Limit[] {
  return [
    // In the order in which a sign-in counts them.
    devicesLimit(config, account.email),
    accountLimit(config, account.email),
    ...codeMailLimits(config, account.id),
    { rule: configured(config, RULES.signInsAccount), key: [account.id] },
    { rule: configured(config, RULES.changesAccount), key: [account.id] },
  ];
}

/** Failures in a row on all known devices of an account together. */
function devicesLimit(config: LimitSettings, email: string): Limit {
  const rule = configured(config, RULES.signInDevices);
  return { rule, key: [email], concurrency: CONCURRENCY.account };
}

/** Failures in a row of strangers on an account. */
function accountLimit(config: LimitSettings, email: string): Limit {
  const rule = configured(config, RULES.signInAccount);
  return { rule, key: [email], concurrency: CONCURRENCY.account };
}

/** The limits of a reauthentication on a session, and of every other check of the current password. */
export function reauthenticationLimits(config: LimitSettings, sessionId: string): readonly Limit[] {
  const rule = configured(config, RULES.reauthentication);
  return [{ rule, key: [sessionId], concurrency: CONCURRENCY.account }];
}

/** The limits of presenting the token or the code of a mail. */
export function mailProofLimits(config: LimitSettings, client: Client): readonly Limit[] {
  return sourceLimits(config, RULES.mailProof, client, { concurrency: CONCURRENCY.source });
}

const OAUTH_STEPS = {
  start: RULES.oauthStart,
  return: RULES.oauthReturn,
  'form-post': RULES.oauthFormPost,
} as const;

/**
 * The limits of a sign-in at a provider, at one of its steps. Any web page can make the browsers of its visitors
 * post forms with invented states. So posted forms have limits of their own, which close no other step (RL-3).
 */
export function oauthLimits(
  config: LimitConfig,
  client: Client,
  step: keyof typeof OAUTH_STEPS,
): readonly Limit[] {
  if (isOwnMachine(config, client)) return [];
  return sourceLimits(config, OAUTH_STEPS[step], client);
}

/**
 * The limits of a sign-in with a passkey. Nothing that other ways to sign in use up is among them, and neither
 * is anything of the account: a passkey cannot be guessed, and strangers must not close it (PK-6).
 */
export function passkeyLimits(config: LimitConfig, client: Client): readonly Limit[] {
  if (isOwnMachine(config, client)) return [];
  return sourceLimits(config, RULES.passkey, client);
}

export function registrationLimits(config: LimitConfig, client: Client): readonly Limit[] {
  if (isOwnMachine(config, client)) return [];
  return sourceLimits(config, RULES.registration, client);
}

/** The purposes of mails that may be a person's only way in. */
const GIVES_ACCESS: ReadonlySet<string> = new Set(['reset-password', 'email-sign-in']);

/**
 * The limits of a mail that anyone can request for an address. Each purpose has limits of its own, so that
 * a stranger who requests one kind of mail cannot keep the others from the owner (RL-3).
 *
 * @param mail.byOwner the requester has shown a session, the password or a device token of that address.
 *   Such mails have limits that strangers cannot use up, and none of the source (ADR-0016)
 */
export function mailLimits(
  config: LimitConfig,
  client: Client,
  mail: { readonly purpose: string; readonly email: string; readonly byOwner?: boolean },
): readonly Limit[] {
  const key = [mail.purpose, mail.email, ...(mail.byOwner ? ['owner'] : [])];
  const isFree = mail.byOwner || isOwnMachine(config, client);
  const day = GIVES_ACCESS.has(mail.purpose) ? RULES.accessDay : RULES.mailDay;
  return [
    ...(isFree ? [] : sourceLimits(config, RULES.mailSource, client)),
    // The limit of the day comes last: mails that the burst limit refuses must not use it up.
    { rule: configured(config, RULES.mailBurst), key },
    { rule: configured(config, day), key },
  ];
}

/**
 * The limits of a mail that administrators cause for an address. They are apart from those of strangers and of the
 * owner, so that nobody closes another's (RL-3).
 */
export function mailLimitsOfAdministrators(
  config: LimitSettings,
  { purpose, email }: { readonly purpose: string; readonly email: string },
): readonly Limit[] {
  const key = [purpose, email, 'administrator'];
  return [
    { rule: configured(config, RULES.mailBurst), key },
    { rule: configured(config, RULES.mailDay), key },
  ];
}

/**
 * The limits of a mail that proves an address. The limits that refuse come before the one that schedules. A
 * requester who has shown a session or the password of an account whose address nobody has proven may have
 * made that account with a stranger's address: their source is limited, separately from strangers' sources.
 *
 * @param mail.decoy nothing is mailed. A decoy counts toward keys of its own, so that requests that mail
 *   nothing leave the address its mails (PR-11)
 * @param mail.byOwner see {@link mailLimits}
 */
export function verificationMailLimits(
  config: LimitConfig,
  client: Client,
  mail: { readonly email: string; readonly byOwner: boolean; readonly decoy: boolean },
): readonly Limit[] {
  const owner = mail.byOwner ? ['owner'] : [];
  const key = ['verify-email', mail.email, ...owner, ...(mail.decoy ? ['decoy'] : [])];
  const ofSource = sourceOf(client).map((network) => ({
    rule: configured(config, RULES.verificationSource),
    key: [network, ...key],
  }));
  const ofStrangers = () => [...sourceLimits(config, RULES.mailSource, client), ...ofSource];
  return [
    ...(mail.byOwner ? unprovenSourceLimits(config, client) : []),
    ...(mail.byOwner || isOwnMachine(config, client) ? [] : ofStrangers()),
    { rule: configured(config, RULES.mailDay), key },
    { rule: configured(config, RULES.verificationBurst), key },
  ];
}

function unprovenSourceLimits(config: LimitConfig, client: Client): readonly Limit[] {
  return isOwnMachine(config, client) ? [] : sourceLimits(config, RULES.mailUnproven, client);
}

/**
 * The limits of the code that enrolls codes by mail: those of any other code if the address is proven, and
 * otherwise those of a mail to a stranger (RL-9).
 */
export function enrollmentCodeLimits(
  config: LimitConfig,
  client: Client,
  user: { readonly id: string; readonly email: string; readonly emailVerifiedAt: Date | null },
): readonly Limit[] {
  if (user.emailVerifiedAt !== null) return codeMailLimits(config, user.id);
  const key = ['enable-email-mfa', user.email];
  return [
    ...unprovenSourceLimits(config, client),
    { rule: configured(config, RULES.mailBurst), key },
    { rule: configured(config, RULES.mailDay), key },
  ];
}

/**
 * The limits that `resendableAt` of a verification mail is computed from. They count the requests of one
 * registration or account, never those of others.
 *
 * @param requester.id of the registration or the account. Without one, the requests of the source for this
 *   address count
 */
export function verificationRequestLimits(
  config: LimitConfig,
  client: Client,
  requester: { readonly id: string | null; readonly email: string; readonly byOwner: boolean },
): readonly Limit[] {
  // A requester whose source is not limited is limited by the burst alone.
  const isFree = requester.byOwner || isOwnMachine(config, client);
  const { id, email } = requester;
  const who = id === null ? [...sourceOf(client).slice(0, 1), email] : [id];
  const rule = configured(config, isFree ? RULES.requestsBurst : RULES.requests);
  return [{ rule, key: ['verify-email', ...who] }];
}

/** The same for another mail that anyone may request: what this requester requested for this address. */
export function mailRequestLimits(
  config: LimitSettings,
  purpose: string,
  { asker, email }: { readonly asker: string; readonly email: string },
): readonly Limit[] {
  return [{ rule: configured(config, RULES.requestsBurst), key: [purpose, asker, email] }];
}

/**
 * The limit of the codes that sign in by mail, which all requests of a source for an address share: each request
 * has a code with tries of its own. A source of strangers cannot use up the tries of the owner's (EO-2, RL-3).
 *
 * @param about.email the address that the token was issued for, whether or not it was mailed, so that nobody learns
 *   whether it was (EL-5). Null for an invented token, which counts by itself
 */
export function emailSignInCodeLimits(
  config: LimitSettings,
  client: Client,
  about: { readonly email: string | null; readonly subject: string },
): readonly Limit[] {
  const [asker] = sourceOf(client);
  const key = [asker, about.email ?? about.subject];
  return [{ rule: configured(config, RULES.emailSignInCode), key }];
}

/** The limit of the mail that says that an address has no account. */
export function noAccountLimits(config: LimitSettings, email: string): readonly Limit[] {
  return [{ rule: configured(config, RULES.emailSignInNoAccount), key: [email] }];
}

/** The limit of a code that proves an address: it counts by its registration alone (EO-2). */
export function registrationCodeLimits(config: LimitSettings, holder: string): readonly Limit[] {
  return [{ rule: configured(config, RULES.registrationCode), key: [holder] }];
}

/**
 * The limits of a code that is mailed to a person who has already proven something. They count by account,
 * so that no stranger can use them up.
 */
export function codeMailLimits(config: LimitSettings, userId: string): readonly Limit[] {
  return [
    { rule: configured(config, RULES.codeMailBurst), key: [userId] },
    { rule: configured(config, RULES.codeMailDay), key: [userId] },
  ];
}

/**
 * The limits of a right first factor, for the session or the challenge that it creates (RL-14). Each way to sign
 * in has an allowance of its own per account. Otherwise someone who knows the password, but not the second factor,
 * could use up the allowance with challenges and close the owner's passkey, mailbox and provider (PK-6, RL-3).
 *
 * @param of.isKnownDevice true for a device that signed in to this account before
 * @param of.way absent for a password
 */
export function completedSignInLimits(
  config: LimitConfig,
  client: Client,
  of: {
    readonly userId: string;
    readonly isKnownDevice: boolean;
    readonly way?: PasswordlessWay;
  },
): readonly Limit[] {
  const times = timesOf(config, client);
  const rule = timesAllowed(configured(config, RULES.signInsAccount), times);
  const account = { rule, key: [of.userId, ...(of.way === undefined ? [] : [of.way])] };
  if (of.isKnownDevice) return [account];
  return [account, ...sourceLimits(config, RULES.signInsSource, client, { times })];
}

/**
 * The limits of a signed-in mutation (RL-14). The session comes first, so that a stolen session uses up its
 * own allowance before it counts toward the account's. The concurrency limit of the account leaves
 * connections to everyone else: each mutation holds one while it waits for the person's row.
 */
export function changeLimits(
  config: LimitConfig,
  client: Client,
  of: { readonly userId: string; readonly sessionId: string },
): readonly Limit[] {
  const times = timesOf(config, client);
  const allowed = (rule: NamedRule) => timesAllowed(configured(config, rule), times);
  return [
    { rule: allowed(RULES.changesSession), key: [of.sessionId] },
    {
      rule: allowed(RULES.changesAccount),
      key: [of.userId],
      concurrency: CONCURRENCY.account,
    },
    ...sourceLimits(config, RULES.changesSource, client, { times }),
  ];
}

/**
 * The limits of a mutation that only takes access away: {@link changeLimits} without the source, so that
 * neighbors behind the same address cannot keep a person from ending a thief's session. The sessions of a
 * source are limited where they begin.
 */
function revocationLimits(
  config: LimitConfig,
  client: Client,
  of: { readonly userId: string; readonly sessionId: string },
): readonly Limit[] {
  return changeLimits(config, client, of).slice(0, 2);
}

/** The limit of reading the plan of an undo, by the account that the link belongs to. */
export function undoPlanLimits(config: LimitSettings, userId: string): readonly Limit[] {
  const rule = configured(config, RULES.undoPlan);
  return [{ rule, key: [userId], concurrency: CONCURRENCY.plan }];
}

/** The limit of a change through the administrators' API, by its caller: a token or a person (RL-14). */
export function administrationLimits(config: LimitSettings, callerId: string): readonly Limit[] {
  const rule = configured(config, RULES.administration);
  return [{ rule, key: [callerId], concurrency: CONCURRENCY.caller }];
}

/** The rules of {@link invitationLimits}. */
export const INVITATION_RULES = [RULES.invitationAddress, RULES.invitationCaller] as const;

/**
 * The limits of an invitation (RL-9). The one of the address counts what all callers send: a mailbox does not care how
 * many administrators there are. It comes first, so that mails that it refuses take nothing from the caller.
 */
export function invitationLimits(
  config: LimitSettings,
  { email, callerId }: { readonly email: string; readonly callerId: string },
): readonly Limit[] {
  return [
    { rule: configured(config, RULES.invitationAddress), key: [email] },
    { rule: configured(config, RULES.invitationCaller), key: [callerId] },
  ];
}

/** How many times the allowance of successes the developer's own machine has. */
const OWN_MACHINE = 100;

/**
 * The end-to-end tests of an application sign one account in for each test, or use one session for all of
 * them, several times an hour. On the developer's own machine the limits count them as everywhere, with a
 * far larger allowance.
 */
function timesOf(config: LimitConfig, client: Client): number {
  return isOwnMachine(config, client) ? OWN_MACHINE : 1;
}

function timesAllowed(rule: NamedRule, times: number): NamedRule {
  return { ...rule, allowance: rule.allowance * times };
}

/**
 * The limits of a mutation of a signed-in person: the schema counts the mutation before its resolver runs.
 *
 * @param own rules that the operation itself counts in addition
 */
export function limitedChange(...own: readonly LimitRule[]): FieldLimits {
  return {
    rules: [RULES.changesSession, RULES.changesAccount, RULES.changesSource, ...own],
    limits: async (context) =>
      changeLimits(context.deps.config, context.client, await idsOf(context)),
  };
}

/** The limits of a signed-in mutation whose operation counts nothing in addition. */
export const LIMITED_CHANGE: FieldLimits = limitedChange();

/** The limits of a mutation that only takes access away: no neighbor of the client can use them up. */
export const LIMITED_REVOCATION: FieldLimits = {
  rules: [RULES.changesSession, RULES.changesAccount],
  limits: async (context) =>
    revocationLimits(context.deps.config, context.client, await idsOf(context)),
};

async function idsOf(context: RequestContext) {
  const { user, session } = await requireViewer(context);
  return { userId: user.id, sessionId: session.id };
}

/** The limits of a mutation whose operation counts it itself, toward these rules. */
export function limitedBy(...rules: readonly LimitRule[]): FieldLimits {
  return { rules };
}

/** For a mutation that writes nothing at all: a limit would be its only write. */
export const WRITES_NOTHING: FieldLimits = { rules: [] };
