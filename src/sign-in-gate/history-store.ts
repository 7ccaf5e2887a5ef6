import { sql } from 'drizzle-orm';
import type { Executor } from '../db/driver/client.ts';
import { run } from '../db/executor.ts';
import { type PersonKey, preparedByPerson } from '../db/person-key.ts';
import { preparedText } from '../db/prepared.ts';
import { type PurgedPage, type PurgePage, purgePage } from '../db/purge-page.ts';
import { signInFailures, signInOrigins } from '../db/tables/sign-in-history.ts';
import type { Deps } from '../deps.ts';
import { after, DAY } from '../kernel/duration.ts';
import { hmac } from '../kernel/secret.ts';
import type { KnownOrigins, Origin } from './origin.ts';

/** How many devices and networks an account remembers. The ones used longest ago are forgotten first. */
const REMEMBERED = { devices: 20, networks: 50 } as const;

/** How long a series of failed sign-ins is remembered after the last failure. */
const FAILURES_REMEMBERED = 30 * DAY;

/** Reads the devices and networks that a person signed in from: one row by its key. */
export async function readOrigins(
  executor: Executor,
  userId: string | PersonKey,
): Promise<KnownOrigins> {
  const [row] = await findOrigins(executor, userId);
  return row ?? { devices: [], networks: [] };
}

const findOrigins = preparedByPerson((executor, userId) =>
  executor
    .select({ devices: signInOrigins.devices, networks: signInOrigins.networks })
    .from(signInOrigins)
    .where(sql`${signInOrigins.userId} = ${userId}`)
    .prepare('find_sign_in_origins'),
);

/**
 * Puts an origin first among those of a person, and forgets the ones beyond {@link REMEMBERED}. A
 * sign-in from the same origin as the last one writes nothing.
 */
export async function rememberOrigin(
  executor: Executor,
  userId: string,
  { device, network }: Origin,
): Promise<void> {
  await remember(executor, { userId, device, network });
}

const remember = preparedText<Origin & { readonly userId: string }, unknown>(() => {
  const device = sql`${sql.placeholder('device')}::text`;
  const network = sql`${sql.placeholder('network')}::text`;
  return sql`
    insert into ${signInOrigins} as o (user_id, devices, networks)
    values (${sql.placeholder('userId')}::uuid, array[${device}], array[${network}])
    on conflict (user_id) do update set
      devices = (${device} || array_remove(o.devices, ${device}))[1:${sql.raw(String(REMEMBERED.devices))}],
      networks = (${network} || array_remove(o.networks, ${network}))[1:${sql.raw(String(REMEMBERED.networks))}]
    where o.devices[1] is distinct from ${device} or o.networks[1] is distinct from ${network}`;
});

type HistoryDeps = Pick<Deps, 'clock' | 'keyring'>;

/** The number of failed sign-ins at an address since the last successful one. */
export async function readFailures(
  deps: HistoryDeps,
  executor: Executor,
  email: string,
): Promise<number> {
  const [row] = await findFailures(executor, ofAddress(deps, email));
  return row?.failures ?? 0;
}

type OfAddress = { readonly key: Buffer; readonly now: string };

const findFailures = preparedText<OfAddress, { failures: number }>(
  () => sql`
    select failures from ${signInFailures}
    where key = ${sql.placeholder('key')}::bytea
      and resets_at > ${sql.placeholder('now')}::timestamptz`,
);

/** Counts a failed sign-in at an address, whether or not the address has an account (LG-2). */
export async function countFailure(
  deps: HistoryDeps,
  executor: Executor,
  email: string,
): Promise<void> {
  const resetsAt = after(deps.clock.now(), FAILURES_REMEMBERED).toISOString();
  await addFailure(executor, { ...ofAddress(deps, email), resetsAt });
}

const addFailure = preparedText<OfAddress & { readonly resetsAt: string }, unknown>(
  () => sql`
    insert into ${signInFailures} as f (key, failures, resets_at)
    values (${sql.placeholder('key')}::bytea, 1, ${sql.placeholder('resetsAt')}::timestamptz)
    on conflict (key) do update set
      failures = case when f.resets_at > ${sql.placeholder('now')}::timestamptz
        then f.failures + 1 else 1 end,
      resets_at = excluded.resets_at`,
);

/** Ends the series of failed sign-ins at an address. */
export async function forgetFailures(
  deps: HistoryDeps,
  executor: Executor,
  email: string,
): Promise<void> {
  await removeFailures(executor, ofAddress(deps, email));
}

const removeFailures = preparedText<Pick<OfAddress, 'key'>, unknown>(
  () => sql`delete from ${signInFailures} where key = ${sql.placeholder('key')}::bytea`,
);

function ofAddress({ clock, keyring }: HistoryDeps, email: string): OfAddress {
  const [secret] = keyring.keys('rate-limit');
  return { key: hmac(secret, 'sign-in.failures', email), now: clock.now().toISOString() };
}

/** Removes the expired series. */
export function purgeFailures(executor: Executor, page: PurgePage): Promise<PurgedPage> {
  const { key, resetsAt } = signInFailures;
  const isOver = sql`${resetsAt} <= ${page.now.toISOString()}::timestamptz`;
  return run(executor, purgePage({ table: signInFailures, key, isOver }, page));
}
