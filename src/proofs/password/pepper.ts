import { sha256 } from '../../kernel/secret.ts';

/** The peppers, by the id in a hash's PHC string (PW-4, argon2's `keyid`). */
export type Peppers = {
  /** The pepper of new hashes; null for no pepper. */
  readonly newestId: string | null;
  /** The secret of an id; null for "no pepper", undefined for a pepper that this server does not have. */
  secretOf(keyId: string | null): Buffer | null | undefined;
};

const KEY_ID_BYTES = 4;

/**
 * @param peppers newest first
 */
export function createPeppers(peppers: readonly Buffer[]): Peppers {
  const byId = new Map(peppers.map((pepper) => [idOf(pepper), pepper]));
  const [newest] = peppers;
  return {
    newestId: newest ? idOf(newest) : null,
    secretOf: (keyId) => (keyId === null ? null : byId.get(keyId)),
  };
}

function idOf(pepper: Buffer): string {
  return sha256(pepper).subarray(0, KEY_ID_BYTES).toString('base64').replace(/=+$/, '');
}
