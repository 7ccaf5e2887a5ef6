import * as z from 'zod';
import { DAY, durationText, MINUTE, parseDuration } from '../kernel/duration.ts';
import { type Network, parseNetwork } from '../kernel/network.ts';
import { isLimitName, type Limit, type LimitName, limitOf } from './limits.ts';
import { parseJson, reading } from './schemas.ts';

/** How many attempts within how many milliseconds. */
type Allowance = { readonly allowance: number; readonly period: number };

/** RATE_LIMITS: what differs from the defaults. */
export type RateLimits = {
  readonly allowances: Readonly<Partial<Record<LimitName, Allowance>>>;
  /** Networks that many people share; they have none of the limits of a source. */
  readonly exemptSources: readonly Network[];
};

const PERIOD = { shortest: MINUTE, longest: DAY } as const;

/**
 * The widest networks that may be exempt. A wider network would not be the egress of one organization: it
 * would lift the limits for a whole provider.
 */
const WIDEST = { 4: 16, 6: 32 } as const;
const MAX_NETWORKS = 100;

const entrySchema = z
  .strictObject({ allowance: z.int().min(2).max(1_000_000), period: z.string() })
  .partial()
  .refine((entry) => Object.keys(entry).length > 0);

/** RATE_LIMITS. A mistake is named by its limit, never by the value (CF-1). */
export const rateLimits: z.ZodType<RateLimits> = reading((json, refuse) => {
  const parsed = parseJson(json);
  if (!parsed) return refuse('is not valid JSON');
  const whole = z.record(z.string(), z.unknown()).safeParse(parsed.value);
  if (!whole.success) return refuse('must be an object: limit name → {"allowance","period"}');
  const rules: string[] = [];
  const allowances: Partial<Record<LimitName, Allowance>> = {};
  let exemptSources: readonly Network[] = [];
  for (const [index, [name, value]] of Object.entries(whole.data).entries()) {
    if (name === 'exemptSources') {
      const read = readNetworks(value);
      if (typeof read === 'string') rules.push(`exemptSources ${read}`);
      else exemptSources = read;
    } else if (isLimitName(name)) {
      const read = readAllowance(limitOf(name), value);
      if (typeof read === 'string') rules.push(`${name} ${read}`);
      else allowances[name] = read;
    } else {
      rules.push(`entry ${index + 1} is no limit: their names are in docs/rate-limits.md`);
    }
  }
  if (rules.length === 0 && !leavesTheOwnerRoom(allowances)) {
    rules.push('changes.account must allow more than changes.session: one session would use it up');
  }
  return rules.length > 0 ? refuse(rules.join('; ')) : { allowances, exemptSources };
});

/** @returns the rule that is broken, where one is */
function readAllowance(limit: Limit, value: unknown): Allowance | string {
  const { range } = limit;
  if (range === null) return 'is no setting';
  const entry = entrySchema.safeParse(value);
  if (!entry.success) {
    return 'must be {"allowance","period"}: a whole number of 2 or more, a duration such as 1h, or one of them';
  }
  const { allowance = limit.allowance, period: periodText } = entry.data;
  if (periodText !== undefined && limit.isConsecutive) {
    return 'has no period, because it counts failures in a row';
  }
  const period = periodText === undefined ? limit.period : parseDuration(periodText);
  const isOutOfRange = (length: number) => length < PERIOD.shortest || length > PERIOD.longest;
  if (period === null || (periodText !== undefined && isOutOfRange(period))) {
    return 'must have a period such as 15m or 1h, from 1m to 1d';
  }
  const { least, most } = range;
  // Within the default period, the most that a period of any length lets through, and the average.
  const highest = allowance * Math.max(1, limit.period / period);
  const average = (allowance * limit.period) / period;
  return average >= least && highest <= most
    ? { allowance, period }
    : `must allow ${least} to ${most} ${unitOf(limit)}`;
}

/** The period of a range in words, such as `within 1h`. */
export function unitOf({ isConsecutive, period }: Limit): string {
  return isConsecutive ? 'in a row' : `within ${durationText(period)}`;
}

function readNetworks(value: unknown): readonly Network[] | string {
  const list = z.array(z.string()).max(MAX_NETWORKS).safeParse(value);
  if (!list.success) return `must be a list of at most ${MAX_NETWORKS} networks`;
  const networks: Network[] = [];
  for (const [index, text] of list.data.entries()) {
    const network = parseNetwork(text.trim());
    if (!network) {
      return `[${index}] must be a network such as 203.0.113.0/24 or 2001:db8:5::/48, or an address`;
    }
    if (network.bits < WIDEST[network.family]) {
      return `[${index}] must be no wider than an IPv4 /${WIDEST[4]} or an IPv6 /${WIDEST[6]}`;
    }
    networks.push(network);
  }
  return networks;
}

/** A stolen session must not be able to use up the account's allowance (RL-14). */
function leavesTheOwnerRoom(allowances: RateLimits['allowances']): boolean {
  const rate = (name: LimitName) => {
    const { allowance, period } = allowances[name] ?? limitOf(name);
    return allowance / period;
  };
  return rate('changes.account') > rate('changes.session');
}
