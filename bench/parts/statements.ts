import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { closeDatabase, createDatabase } from '../../src/db/driver/client.ts';
import { run } from '../../src/db/executor.ts';
import { rotateSession } from '../../src/session/rotate-store.ts';
import { findLiveSession } from '../../src/session/store.ts';
import { findUserByEmail } from '../../src/user/store.ts';
import { SILENT } from '../../test/support/silent-log.ts';
import { migrate } from '../contenders/latchkey.ts';
import { startBenchPostgres, withDatabase } from '../lib/database.ts';
import { stepAside } from '../lib/machine.ts';
import { emailOf } from '../lib/seed.ts';
import { median } from '../lib/statistics.ts';

/**
 * Measures the processor time that this process spends on one statement of the hot path: building it, sending
 * it, reading its rows. `node bench/parts/statements.ts`
 */

const CALLS = 2_000;
const ROUNDS = 7;
const AT_ONCE = 10;

stepAside();
const server = await startBenchPostgres();
try {
  const url = await server.create('statements');
  await migrate(url);
  await withDatabase(url, (sql) =>
    sql.unsafe(`
      insert into users (id, email, email_verified_at, password_hash, created_at, updated_at)
      values (gen_random_uuid(), '${emailOf(1)}', now(), 'none', now(), now());
      insert into sessions (id, user_id, refresh_hash, refresh_salt, rotated_at, created_at, last_used_at,
        expires_at, absolute_expires_at, authenticated_at, methods, credential_version)
      select gen_random_uuid(), id, sha256('0'), '\\x00', now(), now(), now(), now() + interval '1 day',
        now() + interval '1 day', now(), '{pwd}', 1 from users, generate_series(1, ${AT_ONCE})`),
  );
  const db = createDatabase({ url, poolSize: AT_ONCE, log: SILENT });
  const sql = postgres(url, { max: AT_ONCE });
  const rows = await sql`select id, user_id, refresh_hash from sessions`;
  const sessions = rows.map((row) => ({
    sessionId: String(row['id']),
    userId: String(row['user_id']),
    hash: row['refresh_hash'] as Buffer,
  }));
  const now = () => new Date();
  const statements: Record<string, (session: (typeof sessions)[number]) => Promise<unknown>> = {
    'viewer, bare postgres.js': ({ sessionId, userId }) =>
      sql`
      select s.*, u.* from sessions s join users u on u.id = s.user_id
      where s.id = ${sessionId} and s.user_id = ${userId}`.values(),
    'viewer, findLiveSession': ({ sessionId, userId }) =>
      run(db, findLiveSession({ sessionId, userId, now: now() })),
    'refresh, rotateSession': async (session) => {
      const rotated = await run(
        db,
        rotateSession({
          sessionId: session.sessionId,
          presented: session.hash,
          derivation: randomBytes(32),
          now: now(),
          isDatabaseTime: true,
          expiresAt: new Date(Date.now() + 86_400_000),
          replayableSince: now(),
        }),
      );
      if (!rotated) throw new Error('The chain broke.');
      session.hash = rotated.session.refreshHash;
    },
    'sign-in, findUserByEmail': () => run(db, findUserByEmail(emailOf(1))),
  };
  const cost = new Map<string, number[]>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, run] of Object.entries(statements)) {
      const before = process.cpuUsage();
      await Promise.all(
        sessions.map(async (session) => {
          for (let call = 0; call < CALLS / AT_ONCE; call += 1) await run(session);
        }),
      );
      const { user, system } = process.cpuUsage(before);
      cost.set(name, [...(cost.get(name) ?? []), (user + system) / CALLS]);
    }
  }
  for (const [name, each] of cost) {
    const [least, most] = [Math.round(Math.min(...each)), Math.round(Math.max(...each))];
    console.log(`${name}: ${Math.round(median(each))} µs CPU (${least} to ${most})`);
  }
  await sql.end();
  await closeDatabase(db);
} finally {
  await server.stop();
}
