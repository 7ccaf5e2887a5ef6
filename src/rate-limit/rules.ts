import type { Config } from '../config.ts';
import { HOUR, SECOND } from '../kernel/duration.ts';
import type { LimitRule } from '../kernel/rate-limit.ts';
import { type LimitName, limitOf } from '../settings/limits.ts';

/** NIST SP 800-63B-4: at most 100 consecutive failures, with waits of 30 seconds up to an hour. */
const GROWING_WAITS = { first: 30 * SECOND, longest: HOUR, most: 100 } as const;

/** More attempts than are ever made: the limit never stays closed for longer than its waits. */
const NEVER = 2 ** 31 - 1;

/** The part of the configuration that rules depend on. */
export type LimitSettings = Pick<Config, 'rateLimits'>;

/** A rule of this server, which RATE_LIMITS may change. */
export type NamedRule = LimitRule & { readonly name: LimitName };

/**
 * A rule as settings/limits.ts describes it. Limits of a source refill, because many people may share a
 * source: a person who comes late must not wait for the end of a period that others have used up.
 */
function rule<const N extends LimitName>(name: N): NamedRule & { readonly name: N } {
  const { allowance, period, isOfSource } = limitOf(name);
  return { name, allowance, period, ...(isOfSource && { refills: true }) };
}

/**
 * Every rate limit of the server. settings/limits.ts says what each of them protects. Failures in a row are
 * remembered for 30 days, and none of these limits locks an account: a known device still signs in after
 * strangers closed the account's limit, and a password reset opens that limit and the limit of all known
 * devices (ADR-0015).
 */
export const RULES = {
  signInAccount: { ...rule('sign-in.account'), waits: GROWING_WAITS },
  signInDevice: { ...rule('sign-in.device'), waits: GROWING_WAITS },
  signInDevices: { ...rule('sign-in.devices'), waits: GROWING_WAITS },
  signInSource: rule('sign-in.source'),
  signInSpray: rule('sign-in.spray'),
  reauthentication: { ...rule('reauthentication'), waits: GROWING_WAITS },
  mailProof: rule('mail-proof'),
  emailSignInCode: rule('email-sign-in.code'),
  emailSignInNoAccount: rule('email-sign-in.no-account'),
  oauthStart: rule('oauth.start'),
  oauthReturn: rule('oauth.return'),
  oauthFormPost: rule('oauth.form-post'),
  passkey: rule('passkey'),
  registration: rule('registration'),
  mailBurst: rule('mail.burst'),
  mailDay: rule('mail.day'),
  /**
   * For a mail that may be a person's only way in. Beyond the day's allowance one more each hour: the owner of
   * the mailbox always gets a mail (RL-3).
   */
  accessDay: { ...rule('mail.day'), waits: { first: HOUR, longest: HOUR, most: NEVER } },
  /**
   * For the mail that proves an address. A mail beyond the burst leaves when the limit opens, so that a
   * stranger who asks first delays the owner's mail and does not suppress it.
   */
  verificationBurst: { ...rule('mail.burst'), schedules: true },
  verificationSource: rule('mail.source-address'),
  registrationCode: rule('registration.code'),
  requests: rule('mail.asks'),
  requestsBurst: rule('mail.asks-burst'),
  codeMailBurst: rule('code-mail.burst'),
  codeMailDay: rule('code-mail.day'),
  signInsAccount: rule('sign-ins.account'),
  signInsSource: rule('sign-ins.source'),
  changesSession: rule('changes.session'),
  changesAccount: rule('changes.account'),
  changesSource: rule('changes.source'),
  undoPlan: rule('undo-plan.account'),
  mailUnproven: rule('mail.source-unproven'),
  mailSource: rule('mail.source'),
  administration: rule('administration'),
  invitationAddress: rule('invitation.address'),
  invitationCaller: rule('invitation.caller'),
  refreshes: rule('refreshes.session'),
} as const satisfies Record<string, NamedRule>;

/** The ways to sign in without a password. Each has an allowance of `sign-ins.account` of its own. */
export const PASSWORDLESS_WAYS = ['email', 'oauth', 'passkey'] as const;

export type PasswordlessWay = (typeof PASSWORDLESS_WAYS)[number];

/**
 * Rules that refuse nothing: they compute when another rule will allow the next request, so they have its
 * allowance.
 */
const FOLLOWS: Readonly<Partial<Record<LimitName, LimitName>>> = {
  'mail.asks': 'mail.source-address',
  'mail.asks-burst': 'mail.burst',
};

/** A rule with the allowance that RATE_LIMITS sets, if it sets one. */
export function configured({ rateLimits }: LimitSettings, own: NamedRule): NamedRule {
  const allowance = rateLimits.allowances[FOLLOWS[own.name] ?? own.name];
  return allowance ? { ...own, ...allowance } : own;
}

/**
 * The allowance of wider networks, as a multiple of the allowance of the narrowest. Many households get a
 * /56. A company, or anyone with a free tunnel, has a /48, and all phones of an operator may share one. So a
 * /48 gets the allowance of sixteen IPv4 addresses, not that of its 65,536 /64s.
 */
const NETWORKS = [
  { suffix: '', factor: 1 },
  { suffix: '/56', factor: 4 },
  { suffix: '/48', factor: 16 },
] as const;

/**
 * The rule of one of a source's networks.
 *
 * @param index of the network among those that `sourceOf` names
 */
export function ruleOfNetwork(
  own: LimitRule,
  index: number,
): { readonly rule: LimitRule; readonly factor: number } {
  const { suffix, factor } = NETWORKS[index] ?? NETWORKS[0];
  return {
    rule: { ...own, name: own.name + suffix, allowance: own.allowance * factor },
    factor,
  };
}
