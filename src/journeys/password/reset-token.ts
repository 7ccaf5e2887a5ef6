import type { Deps } from '../../deps.ts';
import { sha256 } from '../../kernel/secret.ts';

const PREFIX = 'lkp_';
const SECRET_BYTES = 32;

/**
 * The secret of the browser that asked for a reset. The code of the mail counts with it alone, so
 * nobody else spends the code's tries (RL-3). It proves nothing by itself: the code still has to come
 * out of the mailbox.
 */
export function newResetToken({ random }: Pick<Deps, 'random'>): string {
  return PREFIX + random.bytes(SECRET_BYTES).toString('base64url');
}

/** The subject of the one proof that was made for the browser with this token. */
export function subjectOfReset(resetToken: string): string {
  return sha256(resetToken).toString('hex');
}
