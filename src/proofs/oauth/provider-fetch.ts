import type { CustomFetch } from 'openid-client';
import type { OAuthProviderConfig } from '../../config.ts';
import type { Tracer } from '../../kernel/ports.ts';
import { isLoopback } from '../../settings/urls.ts';
import { createGuardedFetch } from './guarded-fetch.ts';

/** Sends the requests to one provider: guarded, and each with a span of its own in the trace. */
export function createProviderFetch(
  { fetch, tracer }: { readonly fetch?: CustomFetch; readonly tracer?: Tracer | null },
  provider: Pick<OAuthProviderConfig, 'id' | 'issuer' | 'allowPrivateAddress'>,
): CustomFetch {
  const { origin, hostname } = new URL(provider.issuer);
  const allowLoopback = isLoopback(hostname);
  const privateOrigin = provider.allowPrivateAddress ? origin : null;
  const untraced = fetch ?? createGuardedFetch({ allowLoopback, privateOrigin });
  return tracer
    ? (...call) => tracer.span('provider call', { provider: provider.id }, () => untraced(...call))
    : untraced;
}
