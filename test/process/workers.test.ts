import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { shareOf } from '../../src/workers.ts';
import { LOGIN, PASSWORD, REGISTER } from '../support/journeys.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import { launch, post } from './server-process.ts';
import { freePort, productionEnv, type ServerProcess } from './spawn.ts';

// Processes start slowly where many do at once.
vi.setConfig({ testTimeout: 300_000 });

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

async function startWorkers(more: Readonly<Record<string, string>> = {}) {
  const settings = { databaseUrl: database.url, smtpUrl: 'smtp://127.0.0.1:9' };
  const env = { ...(await productionEnv(settings)), LATCHKEY_WORKERS: '2', ...more };
  return launch({ env });
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

/** Counts every worker that ever served. */
const allServe = (server: ServerProcess, count: number) =>
  until(() => server.log().filter(({ msg }) => msg === 'listening').length === count, 120_000);

/** Tries of one request and the pause between them, as section 3 of the bar counts availability. */
const TRIES = 3;
const BACK_OFF = 200;

/** Asks again and again, on a connection of its own each time, until told to stop. */
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

function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(error);
}

test('F-2: kill -9 of a worker under load: the other goes on answering, and it comes back', async () => {
  const empty = await emptyDatabase();
  const metrics = await freePort();
  const server = await startWorkers({
    DATABASE_URL: empty.url,
    MIGRATE_ON_START: 'true',
    METRICS_PORT: String(metrics),
  });
  await allServe(server, 2);
  const applied = server.log().filter(({ msg }) => msg === 'A migration was applied.');
  expect(new Set(applied.map(({ migration }) => migration)).size).toBe(applied.length);
  for (const port of [metrics, metrics + 1]) {
    expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(200);
  }
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
    expect.objectContaining({ msg: 'a worker has ended', signal: 'SIGKILL' }),
  );
});

test('F-1: SIGTERM: all workers finish what is under way, no connection is reset, exit 0', async () => {
  const server = await startWorkers({
    EMAIL_VERIFICATION: 'optional',
    ARGON2_ITERATIONS: '6',
    TRUSTED_PROXY_HOPS: '1',
  });
  await allServe(server, 2);
  const input = { email: 'workers@example.com', password: PASSWORD };
  await post(server.url, REGISTER, { input }, { 'x-forwarded-for': '192.0.2.1' });
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

test('workers that cannot start end all of it, with the code of the first', async () => {
  const empty = await emptyDatabase();
  const server = await startWorkers({ DATABASE_URL: empty.url, MIGRATE_ON_START: 'false' });
  expect(await server.ended).toBe(1);
  expect(server.output()).toContain("'latchkey migrate up'");
});

test('RL-12: the hashes of the machine are shared out, and none is left without', () => {
  const share = (hashConcurrency: number, workers: number) => {
    const password = { hashConcurrency, hashQueue: 9 };
    return Array.from({ length: workers }, (_, slot) => {
      const given = shareOf({ workers, metricsPort: null, password }, slot);
      return `${given.HASH_CONCURRENCY}/${given.HASH_QUEUE}`;
    });
  };
  expect(share(5, 2)).toEqual(['3/5', '2/4']);
  expect(share(1, 2)).toEqual(['1/5', '1/4']);
});
