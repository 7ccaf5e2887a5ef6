import type { Deps } from '../../deps.ts';
import { sha256 } from '../../kernel/secret.ts';

const PREFIX = 'lke_';
const SECRET_BYTES = 32;

/**
 * Creates the secret of the browser that requested a sign-in by mail. The code in the mail works only together
 * with it. So a person who is talked into reading the code out, or who types it into a copy of the page, signs
 * nobody in (EL-1). It proves nothing by itself: the code must still come from the mailbox.
 */
export function newEmailSignInToken({ random }: Pick<Deps, 'random'>): string {
  return PREFIX + random.bytes(SECRET_BYTES).toString('base64url');
}

/** The subject of the proof that was created for the browser with this token. */
export function subjectOfSignIn(emailSignInToken: string): string {
  return sha256(emailSignInToken).toString('hex');
}
