import type { Deps } from '../deps.ts';
import { equal, hmac } from '../kernel/secret.ts';

/** The input of a login tag. */
type Chosen = { readonly token: string; readonly email: string; readonly password: string };

/**
 * Shows later whether a password belongs to a registration, without a derivation. `login` derives once, for the
 * account or the decoy, and a second derivation would reveal which registrations exist (LG-2). The token is
 * part of the tag, so a dump of the table cannot be searched for passwords, not even with the server key. The
 * address is part of it too, so the row still answers after the address was erased from it.
 */
export function loginTag({ keyring }: Pick<Deps, 'keyring'>, chosen: Chosen): Buffer {
  const [key] = keyring.keys('login-tag');
  return tagUnder(key, chosen);
}

/** Compares with a stored tag that was made with any of the server's keys. */
export function matchesLoginTag(
  { keyring }: Pick<Deps, 'keyring'>,
  tag: Uint8Array,
  chosen: Chosen,
): boolean {
  return keyring.keys('login-tag').some((key) => equal(tagUnder(key, chosen), tag));
}

function tagUnder(key: Uint8Array, { token, email, password }: Chosen): Buffer {
  return hmac(key, token, email, password.normalize('NFKC'));
}
