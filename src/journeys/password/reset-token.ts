import type { Deps } from '../../deps.ts';
import { sha256 } from '../../kernel/secret.ts';

const PREFIX = 'lkp_';
const SECRET_BYTES = 32;

/**
 * Creates the secret of the browser that requested a reset. The code in the mail works only together with it,
 * so nobody else can use up the code's attempts (RL-3). It proves nothing by itself: the code must still come
 * from the mailbox.
 */
export function newResetToken({ random }: Pick<Deps, 'random'>): string {
  return PREFIX + random.bytes(SECRET_BYTES).toString('base64url');
}

/** The subject of the proof that was created for the browser with this token. */
export function subjectOfReset(resetToken: string): string {
  return sha256(resetToken).toString('hex');
}
