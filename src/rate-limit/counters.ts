import { and, gt, inArray } from 'drizzle-orm';
import { build, map, rowCount, rows, type Statement } from '../db/statement.ts';
import { rateLimitCounters } from '../db/tables/rate-limit-counter.ts';
import type { Deps } from '../deps.ts';
import type { Limit, LimitRule } from '../kernel/rate-limit.ts';
import { sourceOf } from '../kernel/source.ts';
import {
  configured,
  type LimitSettings,
  type NamedRule,
  PASSWORDLESS_WAYS,
  RULES,
  ruleOfNetwork,
} from './rules.ts';
import { hashKeys } from './store.ts';

/** The count of one limit, as shown to an operator. */
export type Counter = {
  /** The name of the rule. For a wider network, `/56` or `/48` is appended. */
  readonly limit: string;
  /** The subject of the count, if the rule has several keys: a network, a session, a kind of mail. */
  readonly of: string;
  readonly tries: number;
  readonly allowance: number;
  /** When the limit allows the next attempt; null if it allows one now. */
  readonly closedUntil: Date | null;
  /** When the limit has forgotten everything that it counted. */
  readonly forgottenAt: Date;
};

/** A limit that may have a counter, and the subject that its key identifies. */
type PossibleCounter = { readonly limit: Limit; readonly of: string };

/** Kinds of mail that anyone can cause, as `mailLimits` and `verificationMailLimits` name them. */
const MAILS = [
  'reset-password',
  'email-sign-in',
  'change-email',
  'address-held',
  'enable-email-mfa',
  'verify-email',
] as const;

/** An address and, if it has an account, the ids that the account's limits count by. */
export type Counted = {
  readonly email: string;
  readonly userId: string | null;
  readonly sessionIds: readonly string[];
};

/** Every counter of an address and its account, except those that count by source and address. */
export function countersOfAccount(
  config: LimitSettings,
  { email, userId, sessionIds }: Counted,
): readonly PossibleCounter[] {
  const counter = (rule: NamedRule, key: readonly string[], of: string): PossibleCounter => ({
    limit: { rule: configured(config, rule), key },
    of,
  });
  const mails = MAILS.flatMap((purpose) =>
    [[], ['owner'], ['decoy'], ['owner', 'decoy'], ['administrator']].flatMap((requester) => {
      const key = [purpose, email, ...requester];
      const of = [purpose, ...requester].join(' ');
      return [counter(RULES.mailBurst, key, of), counter(RULES.mailDay, key, of)];
    }),
  );
  const ofAddress = [
    counter(RULES.signInAccount, [email], email),
    counter(RULES.signInDevices, [email], email),
    counter(RULES.emailSignInNoAccount, [email], email),
    ...mails,
  ];
  if (userId === null) return ofAddress;
  const ofUser = [
    RULES.signInsAccount,
    RULES.changesAccount,
    RULES.codeMailBurst,
    RULES.codeMailDay,
    RULES.registrationCode,
    RULES.undoPlan,
  ].map((rule) => counter(rule, [userId], email));
  const ofWays = PASSWORDLESS_WAYS.map((way) => counter(RULES.signInsAccount, [userId, way], way));
  const ofSessions = sessionIds.flatMap((id) => [
    counter(RULES.changesSession, [id], `session ${id}`),
    counter(RULES.reauthentication, [id], `session ${id}`),
    // A device token names the session that it came with (device-token.ts).
    counter(RULES.signInDevice, [email, id.replaceAll('-', '')], `device of session ${id}`),
  ]);
  return [...ofAddress, ...ofUser, ...ofWays, ...ofSessions];
}

/** Every counter of a source: of its own network and of the networks around it. */
export function countersOfSource(
  config: LimitSettings,
  ipAddress: string,
): readonly PossibleCounter[] {
  return Object.values<NamedRule>(RULES)
    .filter(({ refills }) => refills)
    .flatMap((rule) =>
      sourceOf({ ipAddress }).map((network, index) => ({
        limit: { rule: ruleOfNetwork(configured(config, rule), index).rule, key: [network] },
        of: network,
      })),
    );
}

/** The counters that have counted something, in the order of the possible ones. */
export function selectCounters(
  deps: Pick<Deps, 'keyring' | 'clock'>,
  possible: readonly PossibleCounter[],
): Statement<readonly Counter[]> {
  const now = deps.clock.now();
  const hashed = hashKeys(
    deps,
    possible.map(({ limit }) => limit),
  );
  const keys = hashed.map(({ key }) => key);
  const { key, resetsAt } = rateLimitCounters;
  const selected = rows(
    build
      .select()
      .from(rateLimitCounters)
      .where(and(inArray(key, keys), gt(resetsAt, now))),
  );
  return map(selected, (found) => {
    const byKey = new Map(found.map((row) => [row.key.toString('hex'), row]));
    return hashed.flatMap(({ key: wanted, rule }, index) => {
      const row = byKey.get(wanted.toString('hex'));
      if (!row || (row.tries === 0 && row.opensAt <= now)) return [];
      return [
        {
          limit: rule.name,
          of: possible[index]?.of ?? '',
          tries: rememberedTries(row, rule, now),
          allowance: rule.allowance,
          closedUntil: row.opensAt > now ? row.opensAt : null,
          forgottenAt: row.resetsAt,
        },
      ];
    });
  });
}

/** A limit that refills has forgotten some of what it counted since it was last empty. */
function rememberedTries(
  { tries, resetsAt }: { readonly tries: number; readonly resetsAt: Date },
  { allowance, period, refills }: LimitRule,
  now: Date,
): number {
  if (!refills) return tries;
  return Math.ceil(((resetsAt.getTime() - now.getTime()) * allowance) / period);
}

/** Forgets what limits have counted. @returns how many counters there were */
export function deleteCounters(
  deps: Pick<Deps, 'keyring'>,
  possible: readonly PossibleCounter[],
): Statement<number> {
  const keys = hashKeys(
    deps,
    possible.map(({ limit }) => limit),
  ).map(({ key }) => key);
  return rowCount(build.delete(rateLimitCounters).where(inArray(rateLimitCounters.key, keys)));
}
