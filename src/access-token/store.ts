import { eq, inArray, sql } from 'drizzle-orm';
import { build, noRows, rows, type Statement } from '../db/statement.ts';
import { type SigningKeyRow, signingKeys } from '../db/tables/signing-key.ts';

/** Any constant of our own: 'LKsk' in ASCII. */
const ADVISORY_LOCK = 0x4c4b736b;

/**
 * Serializes changes to the signing keys across instances, until the transaction ends. If two
 * instances find the same key missing, the second one finds it created.
 */
export function lockSigningKeys(): Statement<void> {
  return noRows(sql`select pg_advisory_xact_lock(${ADVISORY_LOCK})`);
}

/** All stored keys, which are few. */
export function selectSigningKeys(): Statement<readonly SigningKeyRow[]> {
  return rows(
    build
      .select({
        kid: signingKeys.kid,
        sealedPrivateKey: signingKeys.sealedPrivateKey,
        createdAt: signingKeys.createdAt,
        activeFrom: signingKeys.activeFrom,
        revokedAt: signingKeys.revokedAt,
      })
      .from(signingKeys),
  );
}

/** Adds a key. */
export function insertSigningKey(row: SigningKeyRow): Statement<void> {
  return noRows(build.insert(signingKeys).values(row));
}

/** Changes when a key begins to sign. */
export function setActiveFrom(kid: string, moment: Date): Statement<void> {
  return noRows(
    build.update(signingKeys).set({ activeFrom: moment }).where(eq(signingKeys.kid, kid)),
  );
}

/** Marks a key as revoked. */
export function setRevokedAt(kid: string, moment: Date): Statement<void> {
  return noRows(
    build.update(signingKeys).set({ revokedAt: moment }).where(eq(signingKeys.kid, kid)),
  );
}

/** Replaces a key's sealed private half by the same one, sealed with another root secret. */
export function setSealed(kid: string, sealed: Buffer): Statement<void> {
  return noRows(
    build.update(signingKeys).set({ sealedPrivateKey: sealed }).where(eq(signingKeys.kid, kid)),
  );
}

/** Deletes the rows of expired keys. */
export function deleteSigningKeys(kids: readonly string[]): Statement<void> {
  return noRows(build.delete(signingKeys).where(inArray(signingKeys.kid, [...kids])));
}
