import type { Config } from '../config.ts';

/** Where the published keys are, below the issuer. */
export const JWKS_PATH = '/.well-known/jwks.json';

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
 * What a resource server's JWT library looks for: issuer, keys, algorithm. There is no
 * authorization endpoint, and it says so: no response types, no grant types (RFC 8414 2 asks for
 * that endpoint only where a grant uses it).
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
