import type { Deps } from '../../deps.ts';
import type { Client } from '../../kernel/ports.ts';
import { rotateRefreshToken } from '../../session/rotate.ts';
import { issueTokens, type SignedIn } from '../../sign-in-gate/issue-tokens.ts';

/**
 * Exchanges a refresh token for a new pair of tokens.
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
  return issueTokens(deps, await rotateRefreshToken(deps, input));
}
