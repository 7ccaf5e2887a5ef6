import { sql } from 'drizzle-orm';
import type { Executor } from '../db/executor.ts';
import { run } from '../db/executor.ts';
import { type PurgedPage, type PurgePage, purgePage } from '../db/purge-page.ts';
import { firstRow, hotStatement, map, noRows, type Statement } from '../db/statement.ts';
import { signInFailures, signInOrigins } from '../db/tables/sign-in-history.ts';
import type { Deps } from '../deps.ts';
import { after, DAY } from '../kernel/duration.ts';
import { hmac } from '../kernel/secret.ts';
import { type PersonKey, personStatement } from '../user/person-key.ts';
import type { KnownOrigins, Origin } from './origin.ts';

/** How many devices and networks an account remembers. The ones used longest ago are forgotten first. */
const REMEMBERED = { devices: 20, networks: 50 } as const;

/** How long a series of failed sign-ins is remembered after the last failure. */
const FAILURES_REMEMBERED = 30 * DAY;

/** Reads the devices and networks that a person signed in from: one row by its key. */
export function readOrigins(person: PersonKey): Statement<KnownOrigins> {
  return map(firstRow(selectOrigins(person)), (row) => row ?? { devices: [], networks: [] });
}

const selectOrigins = personStatement<KnownOrigins>(
  (userId) => sql`
    select ${signInOrigins.devices}, ${signInOrigins.networks} from ${signInOrigins}
    where ${signInOrigins.userId} = ${userId}`,
);

/**
 * Puts an origin first among those of a person, and forgets the ones beyond {@link REMEMBERED}. A
 * sign-in from the same origin as the last one writes nothing.
 */
export function rememberOrigin(userId: string, origin: Origin): Statement<void> {
  return noRows(insertOrigin({ userId, ...origin }));
}

const insertOrigin = hotStatement<Origin & { readonly userId: string }, never>((value) => {
  const device = sql`${value('device')}::text`;
  const network = sql`${value('network')}::text`;
  return sql`
    insert into ${signInOrigins} as o (user_id, devices, networks)
    values (${value('userId')}::uuid, array[${device}], array[${network}])
    on conflict (user_id) do update set
      devices = (${device} || array_remove(o.devices, ${device}))[1:${sql.raw(String(REMEMBERED.devices))}],
      networks = (${network} || array_remove(o.networks, ${network}))[1:${sql.raw(String(REMEMBERED.networks))}]
    where o.devices[1] is distinct from ${device} or o.networks[1] is distinct from ${network}`;
});

type HistoryDeps = Pick<Deps, 'clock' | 'keyring'>;

/** The number of failed sign-ins at an address since the last successful one. */
export function readFailures(deps: HistoryDeps, email: string): Statement<number> {
  return map(firstRow(selectFailures(ofAddress(deps, email))), (row) => row?.failures ?? 0);
}

type OfAddress = { readonly key: Buffer; readonly now: Date };

const selectFailures = hotStatement<OfAddress, { failures: number }>(
  (value) => sql`
    select failures from ${signInFailures}
    where key = ${value('key')}::bytea and resets_at > ${value('now')}::timestamptz`,
);

/** Counts a failed sign-in at an address, whether or not the address has an account (LG-2). */
export function countFailure(deps: HistoryDeps, email: string): Statement<void> {
  const resetsAt = after(deps.clock.now(), FAILURES_REMEMBERED);
  return noRows(addFailure({ ...ofAddress(deps, email), resetsAt }));
}

const addFailure = hotStatement<OfAddress & { readonly resetsAt: Date }, never>(
  (value) => sql`
    insert into ${signInFailures} as f (key, failures, resets_at)
    values (${value('key')}::bytea, 1, ${value('resetsAt')}::timestamptz)
    on conflict (key) do update set
      failures = case when f.resets_at > ${value('now')}::timestamptz
        then f.failures + 1 else 1 end,
      resets_at = excluded.resets_at`,
);

/** Ends the series of failed sign-ins at an address. */
export function forgetFailures(deps: HistoryDeps, email: string): Statement<void> {
  return noRows(removeFailures(ofAddress(deps, email)));
}

const removeFailures = hotStatement<Pick<OfAddress, 'key'>, never>(
  (value) => sql`delete from ${signInFailures} where key = ${value('key')}::bytea`,
);

function ofAddress({ clock, keyring }: HistoryDeps, email: string): OfAddress {
  const [secret] = keyring.keys('rate-limit');
  return { key: hmac(secret, 'sign-in.failures', email), now: clock.now() };
}

/** Removes the expired series. */
export function purgeFailures(executor: Executor, page: PurgePage): Promise<PurgedPage> {
  const { key, resetsAt } = signInFailures;
  const isExpired = sql`${resetsAt} <= ${page.now.toISOString()}::timestamptz`;
  return run(executor, purgePage({ table: signInFailures, key, isExpired }, page));
}
