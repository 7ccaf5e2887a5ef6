import postgres from 'postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { asOneRequest } from '../../src/db/request-time.ts';
import { ServiceUnavailableError } from '../../src/kernel/errors.ts';
import { BUDGETS } from '../../src/throttle/budgets.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let sql: postgres.Sql;

beforeEach(async () => {
  server = await startTestServer();
  sql = postgres(server.database.url, { max: 2 });
});
afterEach(async () => {
  await sql.end();
  await server.close();
});

const CLIENT = { ipAddress: '192.0.2.7', userAgent: null, requestId: 'a request' };

test('F-8: a try that ended unjudged in a partial outage, and could not be given back then, is given back when the database is well', async () => {
  const { throttle, db } = server.app.deps;
  const charge = { budget: BUDGETS.mailProof, of: [CLIENT.ipAddress] };
  const locked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const lock = () =>
    sql.begin(async (tx) => {
      await tx`lock table throttle_counters in access exclusive mode`;
      locked.resolve();
      await released.promise;
    });
  const locking: Promise<unknown>[] = [];

  const attempt = asOneRequest(db, () =>
    throttle.attempt([charge], { client: CLIENT }, async () => {
      locking.push(lock());
      await locked.promise;
      throw new ServiceUnavailableError();
    }),
  );
  await expect(attempt).rejects.toThrow(ServiceUnavailableError);
  // The first try to give it back is over when nothing waits for the lock any more.
  await until(async () => (await waiting()) > 0);
  await until(async () => (await waiting()) === 0);
  released.resolve();
  await Promise.all(locking);

  await until(async () => {
    const [row] = await sql`select tries from throttle_counters`;
    return row?.['tries'] === 0;
  });
});

async function waiting(): Promise<number> {
  const [row] = await sql`select count(*)::int as n from pg_locks
    where not granted and relation = 'throttle_counters'::regclass`;
  return Number(row?.['n']);
}
