import { randomBytes } from 'node:crypto';
import { asc, eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { closeDatabase, createDatabase } from '../../../src/db/driver/client.ts';
import type { Database } from '../../../src/db/executor.ts';
import { run } from '../../../src/db/executor.ts';
import { build } from '../../../src/db/statement.ts';
import { totpFactors } from '../../../src/db/tables/second-factor.ts';
import { users } from '../../../src/db/tables/user.ts';
import { transaction } from '../../../src/db/transaction.ts';
import { after, MINUTE } from '../../../src/kernel/duration.ts';
import { newId } from '../../../src/kernel/id.ts';
import { createKeyring, type Keyring } from '../../../src/kernel/keyring.ts';
import { resealTotpSecrets } from '../../../src/proofs/totp/reseal.ts';
import { sealedContext } from '../../../src/proofs/totp/sealed-secret.ts';
import { confirmTotpFactor, replacePendingTotp } from '../../../src/proofs/totp/store.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts';
import { queryDatabase } from '../../support/query-database.ts';
import { SILENT } from '../../support/silent-log.ts';

const NOW = new Date('2026-02-03T04:05:06.789Z');
const random = { bytes: randomBytes };
const ids = { clock: { now: () => NOW }, random };
const [OLD, NEW] = [randomBytes(32), randomBytes(32)];
const old = createKeyring([OLD], random);
const both = createKeyring([NEW, OLD], random);
const next = createKeyring([NEW], random);

let database: TestDatabase;
let db: Database;
beforeEach(async () => {
  database = await createTestDatabase();
  db = createDatabase({ url: database.url, poolSize: 4, log: SILENT });
});
afterEach(async () => {
  await closeDatabase(db);
  await database.drop();
});

const rows = () =>
  queryDatabase(db, build.select().from(totpFactors).orderBy(asc(totpFactors.userId)));

const factor = (keyring: Keyring, userId: string, secret: Buffer) => ({
  id: newId(ids),
  userId,
  sealedSecret: keyring.seal(secret, sealedContext(userId)),
  createdAt: NOW,
  pendingUntil: after(NOW, MINUTE),
  pendingSessionId: null,
  pendingNetwork: null,
});

/** A person with a secret that the old root secret sealed. */
async function enrolled() {
  const userId = newId(ids);
  const email = `${userId}@example.com`;
  await queryDatabase(
    db,
    build.insert(users).values({ id: userId, email, createdAt: NOW, updatedAt: NOW }),
  );
  const secret = randomBytes(20);
  const made = factor(old, userId, secret);
  await run(db, replacePendingTotp(made));
  return { userId, id: made.id, secret };
}

test('CF-4: every authenticator secret opens without the old root secret, batch after batch', async () => {
  const people = [];
  for (let n = 0; n < 7; n += 1) people.push(await enrolled());
  for (const { id } of people.slice(0, 4)) await run(db, confirmTotpFactor({ id, now: NOW }));
  await queryDatabase(db, build.update(totpFactors).set({ lastStep: 42 }));
  const before = await rows();

  expect(await resealTotpSecrets({ db, keyring: both }, { batch: 3 })).toBe(7);
  expect(await resealTotpSecrets({ db, keyring: both }, { batch: 3 })).toBe(0);

  const resealed = await rows();
  for (const { userId, secret } of people) {
    const sealed = resealed.find((row) => row.userId === userId)?.sealedSecret ?? Buffer.alloc(0);
    expect(next.open(sealed, sealedContext(userId))).toEqual(secret);
  }
  const besides = (found: typeof before) => found.map(({ sealedSecret: _, ...rest }) => rest);
  expect(besides(resealed)).toEqual(besides(before));
});

test('CF-4: a secret that opens under no root secret is left unchanged and reported', async () => {
  await enrolled();
  const before = await rows();
  await expect(resealTotpSecrets({ db, keyring: next })).rejects.toThrow('SECRET_KEYS');
  expect(await rows()).toEqual(before);
});

test('TO-6, TO-10: never writes an old secret over one that was enrolled in the meantime', async () => {
  const { userId } = await enrolled();
  const secret = randomBytes(20);
  const fresh = factor(both, userId, secret);
  let running: Promise<number> | null = null;
  await transaction(db, async (tx) => {
    await run(tx, replacePendingTotp(fresh));
    // Read the old secret already, and waits for this row.
    running = resealTotpSecrets({ db, keyring: both });
    await vi.waitFor(async () => {
      const waiting = await queryDatabase(
        db,
        sql`select 1 from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'`,
      );
      expect(waiting).toHaveLength(1);
    }, 5000);
  });
  expect(await running).toBe(0);
  const [row] = await queryDatabase(
    db,
    build.select().from(totpFactors).where(eq(totpFactors.userId, userId)),
  );
  expect(row?.id).toBe(fresh.id);
  expect(next.open(row?.sealedSecret ?? Buffer.alloc(0), sealedContext(userId))).toEqual(secret);
});
