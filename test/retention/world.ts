import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { onTestFinished } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { closeDatabase, createDatabase } from '../../src/db/driver/client.ts';
import { build } from '../../src/db/statement.ts';
import { auditEvents } from '../../src/db/tables/audit-event.ts';
import { oauthFlows } from '../../src/db/tables/identity.ts';
import { oneTimeTokens } from '../../src/db/tables/one-time-token.ts';
import { mailOutbox } from '../../src/db/tables/outbox.ts';
import { rateLimitCounters } from '../../src/db/tables/rate-limit-counter.ts';
import { registrations } from '../../src/db/tables/registration.ts';
import { mfaChallenges } from '../../src/db/tables/second-factor.ts';
import { type Session, sessions } from '../../src/db/tables/session.ts';
import { users } from '../../src/db/tables/user.ts';
import { after, DAY, HOUR, MINUTE } from '../../src/kernel/duration.ts';
import { newId } from '../../src/kernel/id.ts';
import { purgeAll } from '../../src/retention/purge.ts';
import { purgesOf } from '../../src/retention/purges.ts';
import { memoryLog } from '../db/support.ts';
import { createFakeClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { queryDatabase } from '../support/query-database.ts';

const random = { bytes: randomBytes };

/** A migrated database, a clock that only the test moves, and one person. */
export async function createWorld() {
  const database = await createTestDatabase();
  const clock = createFakeClock();
  const config = loadConfig({
    NODE_ENV: 'test',
    DATABASE_URL: database.url,
    SECRET_KEYS: randomBytes(32).toString('base64'),
  });
  const log = memoryLog();
  const open = (url = database.url) => {
    const db = createDatabase({ url, poolSize: 4, log });
    onTestFinished(() => closeDatabase(db));
    return { db, clock, log };
  };
  onTestFinished(() => database.drop());
  const deps = open();
  const id = () => newId({ clock, random });
  const userId = id();
  const now = clock.now();
  await queryDatabase(
    deps.db,
    build
      .insert(users)
      .values({ id: userId, email: 'ada@example.com', createdAt: now, updatedAt: now }),
  );

  const count = async (table: string): Promise<number> => {
    const [row] = await queryDatabase<{ n: number }>(
      deps.db,
      sql`select count(*)::int as n from ${sql.identifier(table)}`,
    );
    return row?.n ?? 0;
  };
  const purges = purgesOf(config);
  return {
    ...{ database, clock, log, deps, open, id, userId, count, purges },
    purge: (options: Parameters<typeof purgeAll>[2] = {}) =>
      purgeAll(deps, purges, { rest: 0, ...options }),
    counts: async () =>
      Object.fromEntries(
        await Promise.all(purges.map(async ({ table }) => [table, await count(table)] as const)),
      ),
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;

/** A session made now, which lives for an hour unless a test says otherwise. */
export async function addSessions(
  { deps, clock, id, userId }: World,
  amount: number,
  differing: Partial<Session> = {},
): Promise<readonly string[]> {
  const now = clock.now();
  const ids = Array.from({ length: amount }, id);
  const rows = ids.map((one) => ({
    ...{
      id: one,
      userId,
      refreshHash: randomBytes(32),
      refreshSalt: randomBytes(16),
      rotatedAt: now,
      createdAt: now,
    },
    ...{ lastUsedAt: now, expiresAt: after(now, HOUR), absoluteExpiresAt: after(now, 30 * DAY) },
    ...{ authenticatedAt: now, methods: ['pwd'], credentialVersion: 1, ...differing },
  }));
  for (let from = 0; from < rows.length; from += 1_000) {
    await queryDatabase(deps.db, build.insert(sessions).values(rows.slice(from, from + 1_000)));
  }
  return ids;
}

/** What an ordinary day leaves in every table that ends by itself: `each` rows a table. */
export async function liveOneDay(world: World, each: number): Promise<void> {
  const { clock, id, userId } = world;
  const { db } = world.deps;
  const now = clock.now();
  const made = { createdAt: now, expiresAt: after(now, 10 * MINUTE) };
  const every = <T>(row: (n: number) => T) => Array.from({ length: each }, (_, n) => row(n));
  const someone = () => `${id()}@example.com`;
  const bytes = () => randomBytes(32);

  await addSessions(world, each / 2);
  await addSessions(world, each / 2, { revokedAt: now, revokedBecause: 'signed-out' });
  await queryDatabase(
    db,
    build.insert(rateLimitCounters).values(
      every((n) => ({
        ...{ key: bytes(), tries: n, members: [], verdict: 1 },
        ...{ opensAt: now, resetsAt: after(now, HOUR) },
      })),
    ),
  );
  await queryDatabase(
    db,
    build.insert(mfaChallenges).values(
      every(() => ({
        id: id(),
        tokenHash: bytes(),
        userId,
        firstFactor: 'pwd',
        credentialVersion: 1,
        ...made,
      })),
    ),
  );
  await queryDatabase(
    db,
    build.insert(oauthFlows).values(
      every(() => ({
        ...{ id: id(), stateHash: bytes(), flowTokenHash: bytes(), provider: 'google' },
        ...{ redirectUri: 'http://localhost/', sealedSecrets: bytes(), ...made },
      })),
    ),
  );
  await queryDatabase(
    db,
    build.insert(oneTimeTokens).values(
      every(() => ({
        ...{ id: id(), purpose: 'reset-password', email: someone(), tokenHash: bytes() },
        ...{ codeMac: bytes(), budgetResetsAt: after(now, HOUR), codeExpiresAt: now, ...made },
      })),
    ),
  );
  await queryDatabase(
    db,
    build.insert(registrations).values(
      every(() => ({
        ...{ id: id(), email: someone(), passwordHash: 'none', renewedAt: now },
        ...{ loginTag: bytes(), tokenHash: bytes(), ...made },
      })),
    ),
  );
  await queryDatabase(
    db,
    build.insert(mailOutbox).values(
      every((n) => ({
        ...{ id: id(), recipient: someone(), template: 'verify-email', queue: 'owner' as const },
        ...{ nextAttemptAt: now, ...made },
        ...(n % 2 === 0 ? { sentAt: now } : { deadAt: now }),
      })),
    ),
  );
  await queryDatabase(
    db,
    build
      .insert(auditEvents)
      .values(every(() => ({ id: id(), type: 'SIGNED_IN', at: now, userId, detail: {} }))),
  );
}
