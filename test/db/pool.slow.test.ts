import { createServer, type Socket } from 'node:net';
import { sql } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import { closeDatabase, createDatabase } from '../../src/db/driver/client.ts';
import type { Connection } from '../../src/db/driver/connection.ts';
import { createPool } from '../../src/db/driver/pool.ts';
import { LIMITS, type Limits } from '../../src/db/limits.ts';
import { ServiceUnavailableError } from '../../src/kernel/errors.ts';
import { queryDatabase } from '../support/query-database.ts';
import { until } from '../support/until.ts';
import { backendPid, memoryLog, openTestDatabase, rejection, timed } from './support.ts';

const sleep = (seconds: number) => sql`select pg_sleep(${seconds}::float8)`;

test('the wait for a connection is limited, and a statement that gave up never runs', async () => {
  const db = await openTestDatabase(1);
  await queryDatabase(db, sql`create table late (n integer)`);
  const slow = queryDatabase(db, sleep(1.5));
  const waiting = await timed(() => queryDatabase(db, sql`insert into late values (1)`));
  expect(waiting.error).toMatchObject({ cause: { code: 'POOL_EXHAUSTED' } });
  expect(waiting.milliseconds).toBeLessThan(1_300);
  await slow;
  expect(await queryDatabase(db, sql`select * from late`)).toHaveLength(0);
});

test('waiting calls get the connection in their order', async () => {
  const db = await openTestDatabase(1);
  const order: number[] = [];
  const calls = [1, 2, 3].map((n) => queryDatabase(db, sleep(0.05)).then(() => order.push(n)));
  await Promise.all(calls);
  expect(order).toEqual([1, 2, 3]);
});

test('the server ends a statement that takes too long, and the connection stays usable', async () => {
  const db = await openTestDatabase(1);
  const before = await backendPid(db);
  const { error, milliseconds } = await timed(() => queryDatabase(db, sleep(10)));
  expect(error).toMatchObject({ cause: { code: '57014' } });
  expect(milliseconds).toBeLessThan(3_000);
  expect(await backendPid(db)).toBe(before);
});

test('the pool does not hand out an idle connection that the server ended', async () => {
  const db = await openTestDatabase(2);
  const [one, two] = await Promise.all([backendPid(db), backendPid(db)]);
  await queryDatabase(
    db,
    sql`select pg_terminate_backend(pid) from pg_stat_activity
    where pid in (${one}::int, ${two}::int) and pid <> pg_backend_pid()`,
  );
  // The connection that ended the other one is left.
  await until(() => db.pool.stats().open === 1);
  await Promise.all([backendPid(db), backendPid(db), backendPid(db)]);
});

test('closeDatabase waits for running calls and rejects new ones', async () => {
  const db = await openTestDatabase(2);
  const running = queryDatabase(db, sleep(0.3));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const closing = closeDatabase(db);
  const late = await timed(() => queryDatabase(db, sleep(0)));
  expect(late.error).toMatchObject({ cause: { code: 'POOL_CLOSED' } });
  expect(await running).toHaveLength(1);
  await closing;
});

/** A server that is not Postgres. */
async function openImpostor(onSocket: (socket: Socket) => void, limits: Limits = LIMITS) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const url = `postgres://someone@127.0.0.1:${port}/x?sslmode=disable`;
  const db = createDatabase({ url, poolSize: 2, log: memoryLog(), limits });
  onTestFinished(async () => {
    await closeDatabase(db);
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { db, sockets };
}

test.each([
  ['accepts and does not answer', () => undefined],
  ['disconnects', (socket: Socket) => socket.end()],
  ['resets the connection', (socket: Socket) => socket.resetAndDestroy()],
])('a server that %s ends every call within 3 s', async (_, onSocket) => {
  const { db, sockets } = await openImpostor(onSocket);
  const calls = Array.from({ length: 6 }, () => timed(() => queryDatabase(db, sql`select 1`)));
  for (const { error, milliseconds } of await Promise.all(calls)) {
    expect(error).toBeInstanceOf(ServiceUnavailableError);
    expect(milliseconds).toBeLessThan(3_000);
  }
  expect(sockets.size).toBeLessThanOrEqual(6);
});

test('a closed port is reported at once', async () => {
  const url = 'postgres://someone@127.0.0.1:1/x';
  const db = createDatabase({ url, poolSize: 1, log: memoryLog() });
  const { error, milliseconds } = await timed(() => queryDatabase(db, sql`select 1`));
  expect(error).toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  expect(milliseconds).toBeLessThan(1_000);
  await closeDatabase(db);
});

test('RR-8: after a failed log-in, calls fail with its reason until one call tries again', async () => {
  const { db, sockets } = await openImpostor((socket) => socket.end());
  const call = () => rejection(() => queryDatabase(db, sql`select 1`));
  const first = await call();
  expect(first).toBeInstanceOf(ServiceUnavailableError);
  const burst = await Promise.all(Array.from({ length: 50 }, call));
  expect(new Set(burst)).toEqual(new Set([first]));
  expect(sockets.size).toBe(1);
  const later = await until(async () => {
    const error = await call();
    return error !== first && error;
  });
  expect(later).toBeInstanceOf(ServiceUnavailableError);
  expect(sockets.size).toBe(2);
});

test('RR-8: a log-in that its own call cut short does not stop other calls from trying', async () => {
  const { db, sockets } = await openImpostor(() => undefined, { ...LIMITS, call: 100 });
  for (let tried = 1; tried <= 3; tried += 1) {
    const error = await rejection(() => queryDatabase(db, sql`select 1`));
    expect(error).toMatchObject({ cause: { code: 'CALL_TIMEOUT' } });
    // A busy server may accept a socket only after the call that opened it has ended.
    await until(() => sockets.size === tried);
  }
});

test('RR-8: a log-in that its own call cut short after a second counts as failed', async () => {
  const { db, sockets } = await openImpostor(() => undefined, { ...LIMITS, call: 1_100 });
  const call = () => timed(() => queryDatabase(db, sql`select 1`));
  expect((await call()).error).toMatchObject({ cause: { code: 'CALL_TIMEOUT' } });
  const { error, milliseconds } = await call();
  expect(error).toMatchObject({ cause: { code: 'CALL_TIMEOUT' } });
  expect(milliseconds).toBeLessThan(200);
  expect(sockets.size).toBe(1);
});

test('RR-8: many calls to an unavailable database open no more connections than the pool allows', async () => {
  const { db, sockets } = await openImpostor((socket) => socket.end());
  const call = () => rejection(() => queryDatabase(db, sql`select 1`));
  const crowd = await Promise.all(Array.from({ length: 60 }, call));
  expect(crowd.every((error) => error instanceof ServiceUnavailableError)).toBe(true);
  expect(sockets.size).toBeLessThanOrEqual(2);
});

test('RR-8: one log-in at a time tries whether a database answers again', async () => {
  const { db, sockets } = await openImpostor(() => undefined, { ...LIMITS, connect: 300 });
  const call = () => timed(() => queryDatabase(db, sql`select 1`));
  expect((await call()).error).toMatchObject({ cause: { code: 'CONNECT_TIMEOUT' } });
  for (let round = 2; round <= 4; round += 1) {
    // The pause after the failure has ended when a call opens a connection again.
    const probing = await until(() => tryAgain(round));
    const crowd = await Promise.all(Array.from({ length: 20 }, call));
    expect(crowd.every(({ error }) => error instanceof ServiceUnavailableError)).toBe(true);
    expect(Math.max(...crowd.map(({ milliseconds }) => milliseconds))).toBeLessThan(200);
    expect(sockets.size).toBe(round);
    await probing.ended;
  }

  /** Starts a call that logs in. Null if the call was rejected at once. */
  async function tryAgain(round: number) {
    const ended = call();
    const opened = until(() => sockets.size === round, 200).catch(() => false);
    return (await opened) ? { ended } : null;
  }
});

test('RR-8: a log-in that is answered with an error fails, and another one follows', async () => {
  const { db, sockets } = await openImpostor((socket) => {
    // Accepts the start-up message and answers the first statement with an error.
    const answers = [Buffer.from('R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I', 'latin1'), refusal()];
    socket.on('data', () => {
      const answer = answers.shift();
      if (answer) socket.write(answer);
    });
  });
  for (let tried = 1; tried <= 3; tried += 1) {
    await until(async () => {
      await rejection(() => queryDatabase(db, sql`select 1`));
      return sockets.size === tried;
    });
  }
});

/** An ErrorResponse after which the connection stays open, and ReadyForQuery. */
function refusal(): Buffer {
  const fields = 'SERROR\0C57014\0Mcanceling statement due to user request\0\0';
  const error = Buffer.from(`E----${fields}`, 'latin1');
  error.writeInt32BE(4 + fields.length, 1);
  return Buffer.concat([error, Buffer.from('Z\0\0\0\x05I', 'latin1')]);
}

test('RR-8: the pool ignores a failed log-in if a later log-in has succeeded', async () => {
  const opened: { fail: () => void; succeed: () => void }[] = [];
  const reason = new ServiceUnavailableError();
  const open = (onLost: (why: ServiceUnavailableError) => void): Connection => {
    const loggingIn = Promise.withResolvers<void>();
    let [isLoggedIn, isLost] = [false, false];
    opened.push({
      succeed: () => {
        isLoggedIn = true;
        loggingIn.resolve();
      },
      fail: () => {
        isLost = true;
        onLost(reason);
        loggingIn.reject(reason);
      },
    });
    return {
      openedAt: performance.now(),
      isLost: () => isLost,
      wasAnswered: () => isLoggedIn,
      ready: () => (isLoggedIn ? null : loggingIn.promise),
      run: () => Promise.reject(new Error('Nothing is run.')),
      abandon: () => undefined,
      close: async () => onLost(reason),
    };
  };
  const pool = createPool({ size: 4, limits: LIMITS, callTime: () => 2_500, open });
  const done = Promise.withResolvers<void>();
  const stale = pool.use(async () => 'stale').catch((error: unknown) => error);
  const fresh = pool.use(() => done.promise.then(() => 'fresh'));
  opened[1]?.succeed();
  await until(async () => pool.stats().open === 2 && opened.length === 2);
  await Promise.resolve();
  opened[0]?.fail();
  expect(await stale).toBe(reason);
  const next = pool.use(async () => 'next');
  opened[2]?.succeed();
  expect(await next).toBe('next');
  done.resolve();
  expect(await fresh).toBe('fresh');
  await pool.close();
});
