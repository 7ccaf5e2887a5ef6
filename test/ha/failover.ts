import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { seedPeople } from '../../bench/lib/seed.ts';
import { migrateUp } from '../../src/db/migrations/migrate.ts';
import { MIGRATIONS_FOLDER } from '../../src/db/migrations/migrations.ts';
import {
  type PrivatePostgres,
  type Standby,
  startPrivatePostgres,
  startStandby,
} from '../db/private-postgres.ts';
import { type Balancer, isUnavailable, kindOf, openBalancer } from '../faults/kit/balancer.ts';
import { lateness } from '../faults/kit/check.ts';
import { type Client, refresh } from '../faults/kit/device.ts';
import { type Ledger, openLedger } from '../faults/kit/ledger.ts';
import { type Rates, signInDevices, startLoad } from '../faults/kit/load.ts';
import { startProcess } from '../faults/kit/process.ts';
import { productionEnv } from '../process/spawn.ts';
import { REFRESH } from '../support/journeys.ts';
import { SILENT } from '../support/silent-log.ts';
import { createSmtpSink, type SmtpSink } from '../support/smtp-sink.ts';
import { until } from '../support/until.ts';
import { startHaproxy } from './haproxy.ts';

const SERVERS = 2;

/** How often a client whose refresh ends with 503 retries after the load has ended. */
const TRIES = 5;

const AT_ONCE = 4;

/** The subject of the mail about a refresh token that was used twice. */
const THEFT = 'You were signed out for your security';

/** What a run is to be like. Everything it starts listens on loopback and ends with it. */
export type Failover = {
  readonly replication: 'synchronous' | 'asynchronous';
  /** The folder of the server as the image has it. */
  readonly bundle: string;
  readonly people: number;
  /** Calls a second: 60 % refreshes, 35 % reads, 5 % sign-ins. */
  readonly rate: number;
  /** How long the load runs before and after the failover. */
  readonly seconds: number;
  /** How long before its end the primary is cut off from its standby. */
  readonly cutOff: number;
  /** How long nobody decides, after the primary is lost: a manager's time. */
  readonly decision: number;
  /** How long all of it may take. */
  readonly limit: number;
};

/** What a run came to. */
export type Outcome = {
  /** Sessions that were refreshed after the standby's last commit. */
  readonly ahead: number;
  readonly sessions: number;
  /** Sessions whose holder was refused although nobody had ended them. */
  readonly lostSessions: number;
  /** Sessions whose client asked again only after the replay window, and were rightly refused (RR-6). */
  readonly late: number;
  /** Sessions whose very sign-in the standby never heard of. */
  readonly lostSignIns: number;
  /** Sessions with two live successors. */
  readonly double: number;
  readonly theftMails: number;
  readonly adopted: number;
  /** From the loss of the primary to the first refresh that succeeded, in milliseconds. */
  readonly outage: number;
  /** The same from the promotion. */
  readonly afterPromotion: number;
  /** From the last refresh that succeeded before the loss to the first after it. */
  readonly gap: number;
  readonly calls: number;
  readonly unavailable: number;
  /** Answers that are neither right nor "not now". */
  readonly wrong: number;
};

/** A cluster with the servers before it, and what ends all of it. */
type Scene = {
  readonly primary: PrivatePostgres;
  readonly standby: Standby;
  readonly sink: SmtpSink;
  readonly balancer: Balancer;
};

/** Loses a primary under load, promotes its standby, and asks every client how it fared. */
export async function runFailover(options: Failover): Promise<Outcome> {
  const endings: (() => Promise<unknown> | unknown)[] = [];
  try {
    const scene = await setUp(options, (end) => void endings.unshift(end));
    return await Promise.race([loseThePrimary(scene, options), tooLong(options.limit)]);
  } finally {
    for (const end of endings) await end();
  }
}

async function tooLong(limit: number): Promise<never> {
  await sleep(limit, null, { ref: false });
  throw new Error(`The run took longer than ${limit / 1000} s.`);
}

async function setUp(
  { replication, people, bundle }: Failover,
  atTheEnd: (end: () => Promise<unknown> | unknown) => void,
): Promise<Scene> {
  const primary = await startPrivatePostgres({ max_connections: '100' });
  atTheEnd(primary.remove);
  const sink = await createSmtpSink();
  atTheEnd(sink.stop);
  await migrateUp(primary.url, { folder: MIGRATIONS_FOLDER, log: SILENT });
  const secrets = randomBytes(32).toString('base64');
  await seedPeople(primary.url, people, secrets);
  const standby = await startStandby(primary);
  atTheEnd(standby.remove);
  await follow(primary.url, replication);
  const haproxy = await startHaproxy([primary.url, standby.url]);
  atTheEnd(haproxy.stop);
  const url = new URL(primary.url);
  url.port = String(haproxy.port);
  const servers: string[] = [];
  for (let count = 0; count < SERVERS; count += 1) {
    const settings = {
      ...(await productionEnv({ databaseUrl: url.href, smtpUrl: sink.url })),
      SECRET_KEYS: secrets,
      TRUSTED_PROXY_HOPS: '1',
      LOG_LEVEL: 'warn',
    };
    const server = await startProcess(settings, { bundle });
    atTheEnd(() => {
      server.kill('SIGTERM');
      return server.ended;
    });
    servers.push(server.url);
  }
  const balancer = openBalancer(servers);
  atTheEnd(balancer.close);
  return { primary, standby, sink, balancer };
}

async function loseThePrimary(scene: Scene, options: Failover): Promise<Outcome> {
  const { primary, standby, balancer } = scene;
  const { people, seconds } = options;
  const ledger = openLedger();
  const refreshed: number[] = [];
  let calls = 0;
  let unavailable = 0;
  balancer.onTry((answer) => {
    ledger.note(answer);
    calls += 1;
    if (isUnavailable(answer)) unavailable += 1;
    const isRefresh = answer.field === 'refreshToken' && kindOf(answer) === 'SignedIn';
    if (isRefresh) refreshed.push(performance.now());
  });
  const client = { balancer, ledger };
  const devices = await signInDevices(client, people);
  const load = startLoad(client, { devices, people, rates: ratesOf(options.rate) });
  await sleep(seconds * 1000);
  await primary.cutOffStandbys();
  await sleep(options.cutOff);
  const [known, latest] = await Promise.all([standby.url, primary.url].map(storedTokens));
  await primary.lose();
  const lostAt = performance.now();
  await sleep(options.decision);
  await standby.promote();
  const promotedAt = performance.now();
  await until(() => (refreshed.at(-1) ?? 0) > promotedAt, 60_000);
  const backAt = refreshed.find((at) => at > promotedAt) ?? Number.NaN;
  await sleep(seconds * 1000);
  await load.stop();
  const loaded = { calls, unavailable };
  return {
    ahead: [...(known ?? [])].filter(([id, hash]) => latest?.get(id) !== hash).length,
    sessions: ledger.devices.length,
    ...(await fates(scene, ledger)),
    ...loaded,
    wrong: ledger.wrong.length,
    outage: backAt - lostAt,
    afterPromotion: backAt - promotedAt,
    gap: backAt - (refreshed.findLast((at) => at < lostAt) ?? Number.NaN),
  };
}

/** What became of every session that a client was ever given. */
async function fates(
  { standby, sink, balancer }: Scene,
  ledger: Ledger,
): Promise<
  Pick<Outcome, 'lostSessions' | 'late' | 'lostSignIns' | 'double' | 'theftMails' | 'adopted'>
> {
  const sql = postgres(standby.url, { max: 2, fetch_types: false });
  try {
    const double = await everybodyGoesOn({ balancer, ledger });
    const refused = ledger.devices.filter((device) => device.refused !== null);
    const late = await Promise.all(refused.map((device) => lateness(sql, device)));
    const lateOnes = late.filter((after) => after !== null).length;
    const ids = refused.map(({ sessionId }) => sessionId).join(',');
    const known = await sql<
      { id: string }[]
    >`select id from sessions where id::text = any(string_to_array(${ids}, ','))`;
    const [adopted] = await sql<{ n: number }[]>`
      select count(*)::int as n from audit_events where type = 'REFRESH_TOKEN_ADOPTED'`;
    await until(async () => {
      const waiting = await sql`
        select from mail_outbox where sent_at is null and dead_at is null limit 1`;
      return waiting.length === 0;
    }, 60_000);
    return {
      lostSessions: known.length - lateOnes,
      late: lateOnes,
      lostSignIns: refused.length - known.length,
      double,
      theftMails: sink.mails.filter(({ data }) => data.includes(`Subject: ${THEFT}`)).length,
      adopted: adopted?.n ?? 0,
    };
  } finally {
    await sql.end();
  }
}

/**
 * Lets every client refresh once more. A token that was just exchanged is presented again, and has to be
 * answered with the same successor; one whose client is in doubt may have been exchanged long ago.
 *
 * @returns how many sessions got two successors
 */
async function everybodyGoesOn(client: Client): Promise<number> {
  const { balancer, ledger } = client;
  const waiting = [...ledger.devices];
  let double = 0;
  const worker = async () => {
    for (let device = waiting.shift(); device; device = waiting.shift()) {
      const { refreshToken, inDoubtSince, from } = device;
      let isDone = false;
      for (let tries = 0; tries < TRIES && !isDone && !device.refused; tries += 1)
        isDone = await refresh(client, device);
      if (!isDone || inDoubtSince !== null) continue;
      const again = await balancer.once(REFRESH, { input: { refreshToken } }, { from });
      const isSame = again.value?.refreshToken === device.refreshToken;
      if (kindOf(again) === 'SignedIn' && !isSame) double += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return double;
}

/** Waits until the standby follows, in the way that is asked for. */
async function follow(url: string, replication: Failover['replication']): Promise<void> {
  const sql = postgres(url, { max: 1, fetch_types: false });
  try {
    if (replication === 'synchronous') {
      await sql`alter system set synchronous_standby_names = '*'`;
      await sql`select pg_reload_conf()`;
    }
    const wanted = replication === 'synchronous' ? 'sync' : 'async';
    await until(async () => {
      const [row] = await sql<{ state: string }[]>`
        select sync_state as state from pg_stat_replication where state = 'streaming'`;
      return row?.state === wanted;
    });
  } finally {
    await sql.end();
  }
}

/** The refresh token of each session, as one server has it. */
async function storedTokens(url: string): Promise<ReadonlyMap<string, string>> {
  const sql = postgres(url, { max: 1, fetch_types: false });
  try {
    const rows = await sql<{ id: string; hash: string }[]>`
      select id, encode(refresh_hash, 'hex') as hash from sessions`;
    return new Map(rows.map(({ id, hash }) => [id, hash]));
  } finally {
    await sql.end();
  }
}

function ratesOf(rate: number): Rates {
  return { refresh: rate * 0.6, viewer: rate * 0.35, login: rate * 0.05 };
}
