import { and, gt, inArray } from 'drizzle-orm';
import type { Executor } from '../db/driver/client.ts';
import { rateLimitCounters } from '../db/tables/rate-limit-counter.ts';
import type { Deps } from '../deps.ts';
import type { Limit } from '../kernel/rate-limit.ts';
import { sourceOf } from '../kernel/source.ts';
import { configured, type LimitSettings, type NamedRule, RULES, ruleOfNetwork } from './rules.ts';
import { hashKeys } from './store.ts';

/** What one limit has counted of somebody or something, as an operator reads it. */
export type Counter = {
  /** Its name; of a wider network with `/56` or `/48` behind it. */
  readonly limit: string;
  /** Whose, where there are several: a network, a session, a kind of mail. */
  readonly of: string;
  readonly tries: number;
  readonly allowance: number;
  /** From when on it lets the next try through; null where it does now. */
  readonly closedUntil: Date | null;
  /** When it has forgotten all it counted. */
  readonly forgottenAt: Date;
};

/** A counter that there may be, and whose it is. */
type Place = { readonly charge: Limit; readonly of: string };

/** Kinds of mail that anybody can cause, as `mailLimits` and `verificationMailLimits` name them. */
const MAILS = [
  'reset-password',
  'change-email',
  'address-held',
  'enable-email-mfa',
  'verify-email',
] as const;

/** An address and, where it has an account, what is counted by that. */
export type Counted = {
  readonly email: string;
  readonly userId: string | null;
  readonly sessionIds: readonly string[];
};

/** Every counter of an address and its account. What is counted by source and address is not among them. */
export function countersOfAccount(
  config: LimitSettings,
  { email, userId, sessionIds }: Counted,
): readonly Place[] {
  const place = (budget: NamedRule, key: readonly string[], of: string): Place => ({
    charge: { rule: configured(config, budget), key: key },
    of,
  });
  const mails = MAILS.flatMap((purpose) =>
    [[], ['owner'], ['decoy'], ['owner', 'decoy']].flatMap((who) => {
      const key = [purpose, email, ...who];
      const of = [purpose, ...who].join(' ');
      return [place(RULES.mailBurst, key, of), place(RULES.mailDay, key, of)];
    }),
  );
  const ofAddress = [
    place(RULES.signInAccount, [email], email),
    place(RULES.signInDevices, [email], email),
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
  ].map((budget) => place(budget, [userId], email));
  const ofSessions = sessionIds.flatMap((id) => [
    place(RULES.changesSession, [id], `session ${id}`),
    place(RULES.reauthentication, [id], `session ${id}`),
    // A device token names the session that it came with (device-token.ts).
    place(RULES.signInDevice, [email, id.replaceAll('-', '')], `device of session ${id}`),
  ]);
  return [...ofAddress, ...ofUser, ...ofSessions];
}

/** Every counter of a source: of its own network, and of those around it. */
export function countersOfSource(config: LimitSettings, ipAddress: string): readonly Place[] {
  return Object.values<NamedRule>(RULES)
    .filter(({ refills }) => refills)
    .flatMap((budget) =>
      sourceOf({ ipAddress }).map((network, index) => ({
        charge: { rule: ruleOfNetwork(configured(config, budget), index).budget, key: [network] },
        of: network,
      })),
    );
}

/** Those that have counted something, in the order of the places. */
export async function readCounters(
  deps: Pick<Deps, 'keyring' | 'clock'>,
  executor: Executor,
  places: readonly Place[],
): Promise<readonly Counter[]> {
  const now = deps.clock.now();
  const keyed = hashKeys(
    deps,
    places.map(({ charge }) => charge),
  );
  const { key, resetsAt } = rateLimitCounters;
  const rows = await executor
    .select()
    .from(rateLimitCounters)
    .where(
      and(
        inArray(
          key,
          keyed.map((one) => one.key),
        ),
        gt(resetsAt, now),
      ),
    );
  const byKey = new Map(rows.map((row) => [row.key.toString('hex'), row]));
  return keyed.flatMap(({ key: wanted, rule: budget }, index) => {
    const row = byKey.get(wanted.toString('hex'));
    if (!row || (row.tries === 0 && row.opensAt <= now)) return [];
    return [
      {
        limit: budget.name,
        of: places[index]?.of ?? '',
        tries: remembered(row, budget, now),
        allowance: budget.allowance,
        closedUntil: row.opensAt > now ? row.opensAt : null,
        forgottenAt: row.resetsAt,
      },
    ];
  });
}

/** A budget that refills has forgotten some of what it counted since it was last empty. */
function remembered(
  { tries, resetsAt }: { readonly tries: number; readonly resetsAt: Date },
  budget: Limit['rule'],
  now: Date,
): number {
  if (!budget.refills) return tries;
  return Math.ceil(((resetsAt.getTime() - now.getTime()) * budget.allowance) / budget.period);
}

/** Forgets what they counted. @returns how many there were */
export async function deleteCounters(
  deps: Pick<Deps, 'keyring'>,
  executor: Executor,
  places: readonly Place[],
): Promise<number> {
  const keyed = hashKeys(
    deps,
    places.map(({ charge }) => charge),
  );
  const deleted = await executor
    .delete(rateLimitCounters)
    .where(
      inArray(
        rateLimitCounters.key,
        keyed.map(({ key }) => key),
      ),
    )
    .returning({ key: rateLimitCounters.key });
  return deleted.length;
}
