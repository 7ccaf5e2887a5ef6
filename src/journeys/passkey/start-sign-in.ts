import type { Deps } from '../../deps.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { type PasskeyRequest, requestPasskey } from '../../proofs/passkey/request.ts';

/**
 * Starts a sign-in with a passkey. It takes no address and names no passkey, so that it reveals nothing (PK-4c).
 * It reads and writes nothing either, so it needs no rate limit.
 *
 * @throws NotFoundError if passkeys are off
 */
export function startPasskeySignIn(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring' | 'config'>,
): PasskeyRequest {
  if (!deps.config.passkeys.enabled) throw new NotFoundError();
  return requestPasskey(deps, { purpose: 'sign-in', boundTo: null });
}
