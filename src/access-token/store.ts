import { eq, inArray, sql } from 'drizzle-orm';
import type { Executor } from '../db/driver/client.ts';
import { type SigningKeyRow, signingKeys } from '../db/tables/signing-key.ts';

/** Any constant of our own: 'LKsk' in ASCII. */
const ADVISORY_LOCK = 0x4c4b736b;

/**
 * Serializes changes to the signing keys across instances, until the transaction ends. If two
 * instances find the same key missing, the second one finds it created.
 */
export async function lockSigningKeys(executor: Executor): Promise<void> {
  await executor.execute(sql`select pg_advisory_xact_lock(${ADVISORY_LOCK})`);
}

/** All stored keys, which are few. */
export async function selectSigningKeys(executor: Executor): Promise<readonly SigningKeyRow[]> {
  return await executor
    .select({
      kid: signingKeys.kid,
      sealedPrivateKey: signingKeys.sealedPrivateKey,
      createdAt: signingKeys.createdAt,
      activeFrom: signingKeys.activeFrom,
      revokedAt: signingKeys.revokedAt,
    })
    .from(signingKeys);
}

/** Adds a key. */
export async function insertSigningKey(executor: Executor, row: SigningKeyRow): Promise<void> {
  await executor.insert(signingKeys).values(row);
}

/** Changes when a key begins to sign. */
export async function setActiveFrom(executor: Executor, kid: string, moment: Date): Promise<void> {
  await executor.update(signingKeys).set({ activeFrom: moment }).where(eq(signingKeys.kid, kid));
}

/** Marks a key as revoked. */
export async function setRevokedAt(executor: Executor, kid: string, moment: Date): Promise<void> {
  await executor.update(signingKeys).set({ revokedAt: moment }).where(eq(signingKeys.kid, kid));
}

/** Replaces a key's sealed private half by the same one, sealed with another root secret. */
export async function setSealed(executor: Executor, kid: string, sealed: Buffer): Promise<void> {
  await executor
    .update(signingKeys)
    .set({ sealedPrivateKey: sealed })
    .where(eq(signingKeys.kid, kid));
}

/** Deletes the rows of expired keys. */
export async function deleteSigningKeys(
  executor: Executor,
  kids: readonly string[],
): Promise<void> {
  await executor.delete(signingKeys).where(inArray(signingKeys.kid, [...kids]));
}
