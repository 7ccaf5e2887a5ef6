import type { CustomFetch } from 'openid-client';
import type { OAuthProviderConfig } from '../../config.ts';
import type { AuthorizationRequest } from '../../kernel/identity-provider.ts';
import type { Clock, Tracer } from '../../kernel/ports.ts';
import { sha256 } from '../../kernel/secret.ts';

/** The dependencies of a provider, whichever protocol it speaks. Tests pass another `fetch`. */
export type ProviderDeps = {
  readonly clock: Clock;
  readonly fetch?: CustomFetch;
  readonly tracer?: Tracer | null;
};

/** The parameters of PKCE (RFC 7636), for a provider that accepts them (O2-3). */
export function codeChallenge(
  { pkce }: Pick<OAuthProviderConfig, 'pkce'>,
  { codeVerifier }: AuthorizationRequest,
): Readonly<Record<string, string>> {
  if (!pkce) return {};
  const challenge = sha256(codeVerifier).toString('base64url');
  return { code_challenge: challenge, code_challenge_method: 'S256' };
}
