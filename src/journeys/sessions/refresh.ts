import type { Deps } from '../../deps.ts';
import type { Client } from '../../kernel/ports.ts';
import { rotateRefreshToken } from '../../session/rotate.ts';
import { type SignedIn, signedIn } from '../../session/signed-in.ts';

/**
 * Stays signed in: exchanges a refresh token for a new pair.
 *
 * @throws InvalidTokenError
 */
export async function refresh(
  deps: Pick<
    Deps,
    'db' | 'clock' | 'random' | 'keyring' | 'config' | 'outbox' | 'meter' | 'accessTokenKeys'
  >,
  input: { readonly refreshToken: string; readonly client: Client },
): Promise<SignedIn> {
  return signedIn(deps, await rotateRefreshToken(deps, input));
}
