import type { Config } from '../config.ts';
import type { AccessTokenKeys, PublicJwk } from '../kernel/signing.ts';

/** The path of the published keys, below the issuer. */
export const JWKS_PATH = '/.well-known/jwks.json';

/** How long a cache may keep the published keys, in seconds (TK-10). PUBLISHED_AHEAD includes it. */
export const JWKS_MAX_AGE = 300;

/** The document at /.well-known/jwks.json (RFC 7517 5). */
export function jwks(keys: Pick<AccessTokenKeys, 'published'>): {
  readonly keys: readonly PublicJwk[];
} {
  return { keys: keys.published() };
}

/** The document at /.well-known/openid-configuration. */
export type Discovery = {
  readonly issuer: string;
  readonly jwks_uri: string;
  readonly id_token_signing_alg_values_supported: readonly string[];
  readonly subject_types_supported: readonly string[];
  readonly response_types_supported: readonly string[];
  readonly grant_types_supported: readonly string[];
  readonly claims_supported: readonly string[];
};

/**
 * The metadata that a resource server's JWT library looks for: issuer, keys and algorithm. This
 * server has no authorization endpoint, so the lists of response types and grant types are empty
 * (RFC 8414 2 requires the endpoint only if a grant type uses it).
 */
export function discoveryDocument(config: Pick<Config, 'publicUrl'>): Discovery {
  return {
    issuer: config.publicUrl,
    jwks_uri: `${config.publicUrl}${JWKS_PATH}`,
    id_token_signing_alg_values_supported: ['ES256'],
    subject_types_supported: ['public'],
    response_types_supported: [],
    grant_types_supported: [],
    claims_supported: [
      'iss',
      'aud',
      'sub',
      'client_id',
      'sid',
      'jti',
      'iat',
      'exp',
      'auth_time',
      'amr',
    ],
  };
}
