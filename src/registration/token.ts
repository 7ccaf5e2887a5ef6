import type { Deps } from '../deps.ts';

const PREFIX = 'lkr_';

/**
 * The secret of the browser that registered (PR-11). It is no session and proves nothing alone: it
 * says that a mail's proof and a chosen password come from the same browser.
 */
export function newRegistrationToken({ random }: Pick<Deps, 'random'>): string {
  return PREFIX + random.bytes(32).toString('base64url');
}
