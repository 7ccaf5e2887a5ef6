import type { CustomFetch, ServerMetadata } from 'openid-client';
import type { OAuthProviderConfig } from '../../config.ts';
import { HOUR, SECOND } from '../../kernel/duration.ts';
import type { Clock } from '../../kernel/ports.ts';
import { OAuthFailedError } from './errors.ts';
import { toOAuthFailure } from './failure.ts';
import { readingTenantMetadata } from './tenant.ts';

/** How long one call to a provider may take (OA-9). */
export const CALL_TIMEOUT = 5 * SECOND;

const KEEP_FOR = HOUR;

/**
 * How long a provider is left alone after a failed call, whoever asks: a flood of sign-ins must not
 * become a flood of requests to a provider that is down.
 */
export const RETRY_AFTER = 5 * SECOND;

/** What a provider's ID tokens may be signed with (docs/requirements.md, section 0; OA-3). */
const ALGORITHMS: readonly string[] = ['RS256', 'ES256', 'PS256', 'EdDSA', 'Ed25519'];

/**
 * Reads a provider's metadata when it is first needed and once an hour. Nothing is asked at boot:
 * a provider that is down must not keep this server from starting.
 */
export function createMetadata(
  deps: { readonly clock: Clock; readonly fetch: CustomFetch },
  provider: OAuthProviderConfig,
): () => Promise<ServerMetadata> {
  let kept: { readonly metadata: Promise<ServerMetadata>; readonly until: number } | null = null;
  return () => {
    const now = deps.clock.now().getTime();
    if (kept && now < kept.until) return kept.metadata;
    const metadata = discover(deps.fetch, provider);
    kept = { metadata, until: now + KEEP_FOR };
    metadata.catch(() => {
      // Until then everybody gets the same refusal at once.
      if (kept?.metadata === metadata) {
        kept = { metadata, until: deps.clock.now().getTime() + RETRY_AFTER };
      }
    });
    return metadata;
  };
}

async function discover(
  fetch: CustomFetch,
  provider: OAuthProviderConfig,
): Promise<ServerMetadata> {
  const { issuer, clientId } = provider;
  const client = await import('openid-client');
  try {
    const discovered = await client.discovery(new URL(issuer), clientId, undefined, undefined, {
      timeout: CALL_TIMEOUT / SECOND,
      [client.customFetch]: readingTenantMetadata(fetch, provider),
      // The guarded fetch lets plain http through for a loopback issuer only.
      ...(issuer.startsWith('http:') && { execute: [client.allowInsecureRequests] }),
    });
    return pinned(discovered.serverMetadata(), issuer);
  } catch (error) {
    throw toOAuthFailure(error);
  }
}

/**
 * The library compares issuers as URLs; ID tokens are compared with this text, so it must be the
 * configured one to the letter (CVE-2026-31813).
 */
function pinned(metadata: ServerMetadata, issuer: string): ServerMetadata {
  if (metadata.issuer !== issuer) {
    throw new OAuthFailedError('provider-misconfigured', 'ISSUER_MISMATCH');
  }
  const offered = metadata.id_token_signing_alg_values_supported ?? ['RS256'];
  const accepted = offered.filter((algorithm) => ALGORITHMS.includes(algorithm));
  if (accepted.length === 0) {
    throw new OAuthFailedError('provider-misconfigured', 'NO_ACCEPTED_ALGORITHM');
  }
  return { ...metadata, id_token_signing_alg_values_supported: accepted };
}
