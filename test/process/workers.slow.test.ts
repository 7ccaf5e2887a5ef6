import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { shareOf } from '../../src/workers.ts';
import { LOGIN, PASSWORD, REGISTER } from '../support/journeys.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import { launch, launchBundle, post } from './server-process.ts';
import { productionEnv, type ServerProcess } from './spawn.ts';

// Processes start slowly where many do at once.
vi.setConfig({ testTimeout: 300_000 });

/** The servers here come one after another to one database, and each opens what the last sealed. */
const SECRET_KEYS = randomBytes(32).toString('base64');

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

async function startWorkers(
  more: Readonly<Record<string, string>> = {},
  from: 'bundle' | 'sources' = 'bundle',
) {
  const settings = { databaseUrl: database.url, smtpUrl: 'smtp://127.0.0.1:9' };
  const own = await productionEnv(settings);
  const env = { ...own, SECRET_KEYS, LATCHKEY_WORKERS: '2', ...more };
  return from === 'sources' ? launch({ env }) : await launchBundle(env);
}

/** The first of two ports that are free beside each other, as the system says. */
async function twoFreePorts(): Promise<number> {
  for (;;) {
    const first = createServer().listen(0, '127.0.0.1');
    await once(first, 'listening');
    const { port } = first.address() as AddressInfo;
    const second = createServer().listen(port + 1, '127.0.0.1');
    const isFree = await once(second, 'listening').then(
      () => true,
      () => false,
    );
    const closed = [once(first, 'close'), ...(isFree ? [once(second, 'close')] : [])];
    for (const server of [first, second]) server.close();
    await Promise.all(closed);
    if (isFree) return port;
  }
}

async function emptyDatabase(): Promise<TestDatabase> {
  const empty = await createTestDatabase();
  onTestFinished(() => empty.drop());
  const sql = postgres(empty.url, { max: 1, fetch_types: false, onnotice: () => undefined });
  await sql.unsafe('drop schema public cascade; create schema public');
  await sql.end();
  return empty;
}

const workersOf = async ({ pid }: ServerProcess): Promise<readonly number[]> =>
  (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').map(Number);

function isAlive(pid: number): boolean {
  try {
    // Z: it has ended, and nobody has asked how.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Counts every worker that ever served. */
async function allServe(server: ServerProcess, count: number): Promise<void> {
  const served = () => server.log().filter(({ msg }) => msg === 'listening').length === count;
  const ended = server.ended.then((code) => {
    throw new Error(`It ended with ${code} instead:\n${server.output()}`);
  });
  await Promise.race([until(served, 120_000), ended]);
}

/** Tries of one request and the pause between them, as docs/requirements.md, section 3, counts availability. */
const TRIES = 3;
const BACK_OFF = 200;

/** Asks again and again, on a connection of its own each time, until it is stopped. */
function askSteadily(server: ServerProcess) {
  let asking = true;
  let answered = 0;
  const lost: string[] = [];
  const ask = async (tries: number): Promise<void> => {
    try {
      const headers = { connection: 'close' };
      const { status } = await fetch(`${server.url}/health/live`, { headers });
      if (status === 200) answered += 1;
      else lost.push(String(status));
    } catch (error) {
      if (tries === TRIES) return void lost.push(causeOf(error));
      await sleep(BACK_OFF);
      await ask(tries + 1);
    }
  };
  const loop = async () => {
    while (asking) await ask(1);
  };
  const done = Promise.all(Array.from({ length: 4 }, loop));
  const stop = async () => {
    asking = false;
    await done;
  };
  return { answered: () => answered, lost, stop };
}

/** How many of these have an outcome by now. */
async function answeredOf(asked: readonly Promise<string>[]): Promise<number> {
  const open = Symbol('open');
  const outcomes = await Promise.all(asked.map((one) => Promise.race([one, open])));
  return outcomes.filter((outcome) => outcome !== open).length;
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(error);
}

test('F-2: kill -9 of a worker under load: the other goes on answering, and it comes back', async () => {
  const empty = await emptyDatabase();
  const server = await startWorkers({ DATABASE_URL: empty.url, MIGRATE_ON_START: 'true' });
  await allServe(server, 2);
  const applied = server.log().filter(({ msg }) => msg === 'migration applied');
  expect(new Set(applied.map(({ migration }) => migration)).size).toBe(applied.length);
  const before = await workersOf(server);
  expect(before).toHaveLength(2);
  const load = askSteadily(server);
  await until(() => load.answered() > 50, 30_000);

  process.kill(before[0] ?? 0, 'SIGKILL');
  const atDeath = load.answered();
  await until(() => load.answered() > atDeath + 100, 30_000);
  await allServe(server, 3);
  await load.stop();

  const after = await workersOf(server);
  expect(after).toHaveLength(2);
  expect(after).toContain(before[1]);
  expect(load.lost).toEqual([]);
  expect(server.log()).toContainEqual(
    expect.objectContaining({ msg: 'worker exited', signal: 'SIGKILL' }),
  );
});

test('F-2: a connection that a killed worker had not accepted fails at once, and the next attempt is answered', async () => {
  const server = await startWorkers();
  await allServe(server, 2);
  const [victim = 0] = await workersOf(server);
  // It accepts nothing any more: what the kernel gives it waits.
  process.kill(victim, 'SIGSTOP');
  const asked = Array.from({ length: 40 }, () =>
    fetch(`${server.url}/health/live`, { headers: { connection: 'close' } }).then(
      ({ status }) => String(status),
      causeOf,
    ),
  );
  await until(async () => (await answeredOf(asked)) > 0, 30_000);
  process.kill(victim, 'SIGKILL');

  const outcomes = await Promise.all(asked);
  const reset = outcomes.filter((outcome) => outcome !== '200');
  expect(reset.length).toBeGreaterThan(0);
  expect(new Set(reset)).toEqual(new Set(['ECONNRESET']));
  const again = await Promise.all(reset.map(() => fetch(`${server.url}/health/live`)));
  expect(again.every(({ ok }) => ok)).toBe(true);
});

test('the main module starts itself, each worker reports its own metrics, F-1 and F-2', async () => {
  const metrics = await twoFreePorts();
  const server = await startWorkers({
    METRICS_PORT: String(metrics),
    EMAIL_VERIFICATION: 'optional',
  });
  await allServe(server, 2);
  const input = { email: 'bundle@example.com', password: PASSWORD };
  expect((await post(server.url, REGISTER, { input })).data.register.__typename).toBe('SignedIn');
  const counted = async () => {
    const texts = await Promise.all(
      [metrics, metrics + 1].map(async (port) =>
        (await fetch(`http://127.0.0.1:${port}/metrics`)).text(),
      ),
    );
    return texts.map((text) => text.includes('mutation="register"')).sort();
  };
  expect(await counted()).toEqual([false, true]);

  process.kill((await workersOf(server))[0] ?? 0, 'SIGKILL');
  await allServe(server, 3);
  const headers = { connection: 'close' };
  expect((await post(server.url, LOGIN, { input }, headers)).data.login.__typename).toBe(
    'SignedIn',
  );
  // The one that came back has its predecessor's port.
  expect(await counted()).toHaveLength(2);
  server.kill('SIGTERM');
  expect(await server.ended).toBe(0);
});

test('F-1: SIGTERM: all workers finish what is under way, no connection is reset, exit 0', async () => {
  const server = await startWorkers({
    EMAIL_VERIFICATION: 'optional',
    ARGON2_ITERATIONS: '6',
    TRUSTED_PROXY_HOPS: '1',
  });
  await allServe(server, 2);
  const input = { email: 'workers@example.com', password: PASSWORD };
  // On a busy machine the first call may be cut off, and be done all the same.
  await until(async () => {
    const source = { 'x-forwarded-for': '192.0.2.1' };
    const { data } = await post(server.url, REGISTER, { input }, source);
    return ['SignedIn', 'EmailTakenError'].includes(data?.register.__typename);
  }, 30_000);
  const kinds: string[] = [];
  const signInUntilRefused = async (): Promise<string> => {
    for (;;) {
      try {
        const { data } = await post(server.url, LOGIN, { input }, { connection: 'close' });
        kinds.push(data.login.__typename);
      } catch (error) {
        return causeOf(error);
      }
    }
  };
  const callers = Promise.all(Array.from({ length: 3 }, signInUntilRefused));
  await until(() => kinds.length > 0, 60_000);
  const asked = performance.now();
  // As a terminal or a service manager does it: to everybody at once, and the first passes it on.
  for (const pid of [server.pid, ...(await workersOf(server))]) process.kill(pid, 'SIGTERM');
  await until(async () => (await fetch(`${server.url}/health/ready`)).status === 503, 2_500);
  expect(new Set(await callers)).toEqual(new Set(['ECONNREFUSED']));
  expect(new Set(kinds)).toEqual(new Set(['SignedIn']));
  expect(await server.ended).toBe(0);
  expect(performance.now() - asked).toBeLessThan(10_000);
});

test('F-1: a worker that does not finish is killed, half a second after it should have', async () => {
  const server = await startWorkers();
  await allServe(server, 2);
  const [stuck = 0] = await workersOf(server);
  process.kill(stuck, 'SIGSTOP');
  const asked = performance.now();
  server.kill('SIGTERM');
  expect(await server.ended).toBe(1);
  // After the limit of those that can finish, and before an orchestrator's usual 10 s, with some
  // time for a busy machine.
  expect(performance.now() - asked).toBeGreaterThan(9_000);
  expect(performance.now() - asked).toBeLessThan(13_000);
  await until(() => !isAlive(stuck));
  expect(server.log()).toContainEqual(
    expect.objectContaining({ msg: 'workers killed', workers: 1 }),
  );
});

test.each(['bundle', 'sources'] as const)(
  'workers that cannot start end all of it, with the code of the first: %s',
  async (from) => {
    const empty = await emptyDatabase();
    const behind = { DATABASE_URL: empty.url, MIGRATE_ON_START: 'false' };
    const server = await startWorkers(behind, from);
    expect(await server.ended).toBe(1);
    expect(server.output()).toContain("'latchkey migrate up'");
  },
);

test('RL-12: the hashes of the machine are shared out, and none is left without', () => {
  const share = (hashConcurrency: number, workers: number) => {
    const password = { hashConcurrency, hashQueue: 9 };
    return Array.from({ length: workers }, (_, slot) => {
      const given = shareOf({ workers, metricsPort: null, telemetry: null, password }, slot);
      return `${given.HASH_CONCURRENCY}/${given.HASH_QUEUE}`;
    });
  };
  expect(share(5, 2)).toEqual(['3/5', '2/4']);
  expect(share(1, 2)).toEqual(['1/5', '1/4']);
  const password = { hashConcurrency: 2, hashQueue: 2 };
  const ports = [0, 1].map((slot) =>
    shareOf({ workers: 2, metricsPort: 9464, telemetry: null, password }, slot),
  );
  expect(ports.map(({ METRICS_PORT }) => METRICS_PORT)).toEqual(['9464', '9465']);
});

test('O-16: workers under one service.instance.id are told apart', () => {
  const share = (resourceAttributes: Readonly<Record<string, string>> | null) =>
    [0, 1].map((slot) => {
      const telemetry = resourceAttributes && { resourceAttributes };
      const password = { hashConcurrency: 2, hashQueue: 2 };
      return shareOf({ workers: 2, metricsPort: null, telemetry, password }, slot)
        .OTEL_RESOURCE_ATTRIBUTES;
    });
  expect(share({ 'service.instance.id': 'a machine', region: 'a,b' })).toEqual([
    'service.instance.id=a%20machine-1,region=a%2Cb',
    'service.instance.id=a%20machine-2,region=a%2Cb',
  ]);
  // Without one each process makes its own.
  expect(share({ region: 'x' })).toEqual([undefined, undefined]);
  expect(share(null)).toEqual([undefined, undefined]);
});
