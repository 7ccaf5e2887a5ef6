import type { CustomFetch, ServerMetadata } from 'openid-client';
import type { OpenIdProviderConfig } from '../../config.ts';
import { HOUR, SECOND } from '../../kernel/duration.ts';
import type { Clock } from '../../kernel/ports.ts';
import { OAuthFailedError } from './errors.ts';
import { toOAuthFailure } from './failure.ts';
import { readingTenantMetadata } from './tenant.ts';

/** How long one request to a provider may take (OA-9). */
export const CALL_TIMEOUT = 5 * SECOND;

const KEEP_FOR = HOUR;

/**
 * The pause after a failed request, so that a flood of sign-ins does not become a flood of requests to a
 * provider that is down.
 */
export const RETRY_AFTER = 5 * SECOND;

/** The accepted algorithms of a provider's ID tokens (docs/requirements.md, section 0; OA-3). */
const ALGORITHMS: readonly string[] = ['RS256', 'ES256', 'PS256', 'EdDSA', 'Ed25519'];

/**
 * Reads a provider's metadata when it is first needed, and then once an hour. Nothing is read at the start,
 * because a provider that is down must not keep this server from starting.
 */
export function createMetadata(
  deps: { readonly clock: Clock; readonly fetch: CustomFetch },
  provider: OpenIdProviderConfig,
): () => Promise<ServerMetadata> {
  let kept: { readonly metadata: Promise<ServerMetadata>; readonly until: number } | null = null;
  return () => {
    const now = deps.clock.now().getTime();
    if (kept && now < kept.until) return kept.metadata;
    const metadata = discover(deps.fetch, provider);
    kept = { metadata, until: now + KEEP_FOR };
    metadata.catch(() => {
      // Until then, every caller gets the same error at once.
      if (kept?.metadata === metadata) {
        kept = { metadata, until: deps.clock.now().getTime() + RETRY_AFTER };
      }
    });
    return metadata;
  };
}

async function discover(
  fetch: CustomFetch,
  provider: OpenIdProviderConfig,
): Promise<ServerMetadata> {
  const { issuer, clientId } = provider;
  const client = await import('openid-client');
  try {
    const discovered = await client.discovery(new URL(issuer), clientId, undefined, undefined, {
      timeout: CALL_TIMEOUT / SECOND,
      [client.customFetch]: readingTenantMetadata(fetch, provider),
      // The guarded fetch allows plain http only for a loopback issuer.
      ...(issuer.startsWith('http:') && { execute: [client.allowInsecureRequests] }),
    });
    return pinned(discovered.serverMetadata(), issuer);
  } catch (error) {
    throw toOAuthFailure(error);
  }
}

/**
 * The library compares issuers as URLs, but ID tokens are compared with this text, so it must equal the
 * configured issuer character by character (CVE-2026-31813).
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
