import type { Config } from '../config.ts';
import { HOUR, SECOND } from '../kernel/duration.ts';
import type { LimitRule } from '../kernel/rate-limit.ts';
import { type LimitName, limitOf } from '../settings/limits.ts';

/** NIST SP 800-63B-4: at most 100 consecutive failures; waits of 30 seconds up to an hour. */
const GROWING = { first: 30 * SECOND, longest: HOUR, most: 100 } as const;

/** More tries than are ever made: the budget never stays closed for longer than its waits. */
const NEVER = 2 ** 31 - 1;

/** What the setting RATE_LIMITS decides about a limit's charges. */
export type LimitSettings = Pick<Config, 'rateLimits'>;

/** A budget of this server, with the default of RATE_LIMITS. */
export type NamedRule = LimitRule & { readonly name: LimitName };

/** What many people share refills, so that one who comes late does not wait for the end of a window. */
function budget<const N extends LimitName>(name: N): NamedRule & { readonly name: N } {
  const { allowance, period, isOfSource } = limitOf(name);
  return { name, allowance: allowance, period: period, ...(isOfSource && { refills: true }) };
}

/**
 * Every budget of the server, by its limit in settings/limits.ts, which says what each is for. Consecutive
 * failures are remembered for 30 days; none of them is ever a hard lock: a known device gets past what
 * strangers closed, and a password reset past that and past what other known devices closed
 * (ADR-0015).
 */
export const RULES = {
  signInAccount: { ...budget('sign-in.account'), waits: GROWING },
  signInDevice: { ...budget('sign-in.device'), waits: GROWING },
  signInDevices: { ...budget('sign-in.devices'), waits: GROWING },
  signInSource: budget('sign-in.source'),
  signInSpray: budget('sign-in.spray'),
  reauthentication: { ...budget('reauthentication'), waits: GROWING },
  mailProof: budget('mail-proof'),
  oauthStart: budget('oauth.start'),
  oauthReturn: budget('oauth.return'),
  registration: budget('registration'),
  mailBurst: budget('mail.burst'),
  mailDay: budget('mail.day'),
  /** One more each hour beyond the day's: whoever holds the mailbox always gets one (RL-3). */
  resetDay: { ...budget('mail.day'), waits: { first: HOUR, longest: HOUR, most: NEVER } },
  /**
   * For the mail that proves an address: what is beyond the burst leaves when it opens, so that a stranger
   * who was faster delays the owner's mail and does not suppress it.
   */
  verificationBurst: { ...budget('mail.burst'), schedules: true },
  verificationSource: budget('mail.source-address'),
  registrationCode: budget('registration.code'),
  asks: budget('mail.asks'),
  asksBurst: budget('mail.asks-burst'),
  codeMailBurst: budget('code-mail.burst'),
  codeMailDay: budget('code-mail.day'),
  signInsAccount: budget('sign-ins.account'),
  signInsSource: budget('sign-ins.source'),
  changesSession: budget('changes.session'),
  changesAccount: budget('changes.account'),
  changesSource: budget('changes.source'),
  undoPlan: budget('undo-plan.account'),
  mailUnproven: budget('mail.source-unproven'),
  mailSource: budget('mail.source'),
  refreshes: budget('refreshes.session'),
} as const satisfies Record<string, NamedRule>;

/** Limits that refuse nothing and say when another one will not: they have its allowance. */
const FOLLOWS: Readonly<Partial<Record<LimitName, LimitName>>> = {
  'mail.asks': 'mail.source-address',
  'mail.asks-burst': 'mail.burst',
};

/** A budget as RATE_LIMITS has it. */
export function configured({ rateLimits }: LimitSettings, budget: NamedRule): NamedRule {
  const allowance = rateLimits.allowances[FOLLOWS[budget.name] ?? budget.name];
  return allowance ? { ...budget, ...allowance } : budget;
}

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
export function ruleOfNetwork(
  budget: LimitRule,
  index: number,
): { readonly budget: LimitRule; readonly factor: number } {
  const { suffix, factor } = NETWORKS[index] ?? NETWORKS[0];
  return {
    budget: { ...budget, name: budget.name + suffix, allowance: budget.allowance * factor },
    factor,
  };
}
