import { randomBytes } from 'node:crypto';
import { connect, createServer, type Socket } from 'node:net';
import { sql } from 'drizzle-orm';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { closeDatabase, createDatabase } from '../../src/db/driver/client.ts';
import { migrateUp } from '../../src/db/migrations/migrate.ts';
import { MIGRATIONS_FOLDER } from '../../src/db/migrations/migrations.ts';
import { LOGIN, type Person, REFRESH, refresh, signUp } from '../support/journeys.ts';
import { queryDatabase } from '../support/query-database.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import {
  type PrivatePostgres,
  type Standby,
  startPrivatePostgres,
  startStandby,
} from './private-postgres.ts';
import { backendPid, memoryLog, rejection } from './support.ts';

/** The milliseconds within which writes succeed again and the server is ready, after the database allows it. */
const BACK = 2_000;

let primary: PrivatePostgres;
let standby: Standby;
/** One root secret for all servers of this file, because they share their signing keys. */
const env = { SECRET_KEYS: randomBytes(32).toString('base64') };

beforeAll(async () => {
  primary = await startPrivatePostgres();
  await migrateUp(primary.url, { folder: MIGRATIONS_FOLDER, log: memoryLog() });
  standby = await startStandby(primary);
});
afterAll(async () => {
  await standby.remove();
  await primary.remove();
});

async function startServer(url: string): Promise<TestServer> {
  const server = await startTestServer({ database: { url, drop: async () => undefined }, env });
  onTestFinished(() => server.app.close());
  return server;
}

const isReady = async (server: TestServer) =>
  (await server.request('/health/ready')).status === 200;

const withHost = (host: string) => {
  const { username, password } = new URL(primary.url);
  return `postgres://${username}:${password}@${host}/latchkey`;
};

/** The milliseconds until the first successful sign-in, and until the server is ready. */
async function backAfter(server: TestServer, { email, password }: Person) {
  const since = performance.now();
  await until(async () => {
    const { data } = await server.graphql(LOGIN, { input: { email, password } });
    return data?.login?.__typename === 'SignedIn';
  });
  const writes = performance.now() - since;
  await until(() => isReady(server));
  return { writes, ready: performance.now() - since };
}

const changesOf = ({ logged }: TestServer) =>
  logged
    .filter(({ message }) => message === 'not ready' || message === 'ready again')
    .map(({ message, ['reason']: reason }) => (reason ? `${message}: ${reason}` : message));

test('F-20: a server on a standby is not ready and logs why, still serves reads, and needs no restart after a switch-over', async () => {
  const proxy = await startForwarding(Number(new URL(primary.url).port));
  const port = new URL(primary.url).port;
  const several = await startServer(withHost(`127.0.0.1:${port},127.0.0.1:${standby.port}`));
  const behindProxy = await startServer(withHost(`127.0.0.1:${proxy.port}`));
  const person = await signUp(several);
  const replica = postgres(standby.url, { max: 1, fetch_types: false });
  onTestFinished(() => replica.end());
  await until(async () => (await replica`select 1 from sessions`).length > 0);

  const onStandby = await startServer(standby.url);
  expect(await isReady(onStandby)).toBe(false);
  const { refreshToken, accessToken: token } = person;
  expect((await onStandby.graphql(REFRESH, { input: { refreshToken } })).status).toBe(503);
  const viewer = await onStandby.graphql('{ viewer { user { id } } }', undefined, { token });
  expect(viewer.data.viewer.user.id).toBe(person.userId);
  for (const path of [
    '/health/live',
    '/.well-known/jwks.json',
    '/.well-known/openid-configuration',
  ]) {
    expect((await onStandby.request(path)).status).toBe(200);
  }

  // The primary accepts no more writes and ends no session, as behind a proxy that keeps sessions.
  const admin = postgres(primary.url, { max: 1, fetch_types: false });
  onTestFinished(() => admin.end());
  await admin.unsafe('alter system set default_transaction_read_only = on');
  await admin`select pg_reload_conf()`;
  await until(async () => !(await isReady(several)) && !(await isReady(behindProxy)));
  await standby.promote();
  proxy.routeTo(standby.port);
  const servers = { several, behindProxy, onStandby };
  for (const [name, back] of Object.entries({
    several: await backAfter(several, person),
    behindProxy: await backAfter(behindProxy, person),
    onStandby: await backAfter(onStandby, person),
  })) {
    expect(back.writes, name).toBeLessThan(BACK);
    expect(back.ready, name).toBeLessThan(BACK);
  }
  expect((await refresh(several, refreshToken)).__typename).toBe('SignedIn');
  for (const server of Object.values(servers)) {
    expect(changesOf(server)).toEqual([
      expect.stringMatching(/^not ready: .*accepts? no writes/),
      'ready again',
    ]);
  }
});

test('F-20: if a write is refused in an old session, the pool closes all sessions of that age', async () => {
  // The previous test has promoted this server.
  const db = createDatabase({ url: standby.url, poolSize: 3, log: memoryLog() });
  onTestFinished(() => closeDatabase(db));
  const write = () => queryDatabase(db, sql`create table if not exists traces (name text)`);
  await Promise.all(Array.from({ length: 3 }, () => queryDatabase(db, sql`select pg_sleep(1.1)`)));
  const admin = postgres(standby.url, { max: 1, fetch_types: false });
  onTestFinished(() => admin.end());
  const setReadOnly = async (isReadOnly: boolean) => {
    await admin.unsafe('set default_transaction_read_only = off');
    await admin.unsafe(
      `alter database latchkey set default_transaction_read_only = ${isReadOnly ? 'on' : 'off'}`,
    );
  };
  // Old sessions are set to read-only and new ones are not, as if the address now led to another server.
  await Promise.all(
    Array.from({ length: 3 }, () =>
      queryDatabase(
        db,
        sql`select set_config('default_transaction_read_only', 'on', false), pg_sleep(0.1)`,
      ),
    ),
  );
  expect(await rejection(write)).toMatchObject({ cause: { code: '25006' } });
  for (const _ of [1, 2, 3, 4]) await write();
  // If new sessions are read-only, too, young sessions are kept: a refused write costs no log-in.
  await setReadOnly(true);
  db.pool.renew();
  await Promise.all(Array.from({ length: 3 }, () => queryDatabase(db, sql`select pg_sleep(0.1)`)));
  const before = await backendPid(db);
  for (const _ of [1, 2, 3]) {
    expect(await rejection(write)).toMatchObject({ cause: { code: '25006' } });
  }
  expect(await backendPid(db)).toBe(before);
  await setReadOnly(false);
});

/** A proxy that can route new connections to another server, and ends no connection. */
async function startForwarding(first: number) {
  let target = first;
  const sockets = new Set<Socket>();
  const listener = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
  const address = listener.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    routeTo: (port: number) => {
      target = port;
    },
  };
}
