import type { Deps } from '../../deps.ts';
import { sha256 } from '../../kernel/secret.ts';

const PREFIX = 'lke_';
const SECRET_BYTES = 32;
const CONTEXT = 'email-sign-in-token';

/**
 * Creates the secret of the browser that requested a sign-in by mail. The code in the mail works only together
 * with it. So a person who is talked into reading the code out, or who types it into a copy of the page, signs
 * nobody in (EL-1). It proves nothing by itself: the code must still come from the mailbox.
 *
 * The requested address is sealed into it. Codes are counted by that address, whether or not a mail was sent.
 * Otherwise the count would show which addresses were mailed (EL-5, LG-5).
 */
export function newEmailSignInToken(
  { random, keyring }: Pick<Deps, 'random' | 'keyring'>,
  email: string,
): string {
  const content = Buffer.concat([random.bytes(SECRET_BYTES), Buffer.from(email)]);
  return PREFIX + keyring.seal(content, CONTEXT).toString('base64url');
}

/**
 * The address that a token was requested for.
 *
 * @returns null for a token that this server did not issue, or whose key was removed from SECRET_KEYS
 */
export function addressOfSignIn(
  { keyring }: Pick<Deps, 'keyring'>,
  emailSignInToken: string,
): string | null {
  if (!emailSignInToken.startsWith(PREFIX)) return null;
  const sealed = Buffer.from(emailSignInToken.slice(PREFIX.length), 'base64url');
  try {
    return keyring.open(sealed, CONTEXT).subarray(SECRET_BYTES).toString();
  } catch {
    return null;
  }
}

/** The subject of the proof that was created for the browser with this token. */
export function subjectOfSignIn(emailSignInToken: string): string {
  return sha256(emailSignInToken).toString('hex');
}
