import { eq, inArray, sql } from 'drizzle-orm';
import type { Executor } from '../db/driver/client.ts';
import { type SigningKeyRow, signingKeys } from '../db/tables/signing-key.ts';

/** Any constant of our own: 'LKsk' in ASCII. */
const ADVISORY_LOCK = 0x4c4b736b;

/**
 * Makes changes to the keys take turns, across instances, until the transaction ends: of two that
 * find the same thing missing, the second finds it made.
 */
export async function lockSigningKeys(executor: Executor): Promise<void> {
  await executor.execute(sql`select pg_advisory_xact_lock(${ADVISORY_LOCK})`);
}

/** Every key there is, a handful. */
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

/** Moves the moment from which a key signs. */
export async function setActiveFrom(executor: Executor, kid: string, moment: Date): Promise<void> {
  await executor.update(signingKeys).set({ activeFrom: moment }).where(eq(signingKeys.kid, kid));
}

/** Marks a key as revoked. */
export async function setRevokedAt(executor: Executor, kid: string, moment: Date): Promise<void> {
  await executor.update(signingKeys).set({ revokedAt: moment }).where(eq(signingKeys.kid, kid));
}

/** Replaces a key's sealed private half by the same one under another root secret. */
export async function setSealed(executor: Executor, kid: string, sealed: Buffer): Promise<void> {
  await executor
    .update(signingKeys)
    .set({ sealedPrivateKey: sealed })
    .where(eq(signingKeys.kid, kid));
}

/** Removes keys that are over. */
export async function deleteSigningKeys(
  executor: Executor,
  kids: readonly string[],
): Promise<void> {
  await executor.delete(signingKeys).where(inArray(signingKeys.kid, [...kids]));
}
