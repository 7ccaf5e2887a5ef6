import type { AccessTokenKeys, PublicJwk } from '../kernel/signing.ts';

/** How long any cache may keep the published keys, in seconds (TK-10; PUBLISHED_AHEAD counts on it). */
export const JWKS_MAX_AGE = 300;

/** The document at /.well-known/jwks.json (RFC 7517 5). */
export function jwks(keys: Pick<AccessTokenKeys, 'published'>): {
  readonly keys: readonly PublicJwk[];
} {
  return { keys: keys.published() };
}
