import type { Config } from '../../config.ts';
import type { IdentityProviders } from '../../kernel/identity-provider.ts';
import { createOpenIdProvider, type ProviderDeps } from './openid-provider.ts';

/** The configured providers, including Google. No request is sent before one is needed. */
export function createIdentityProviders(
  deps: ProviderDeps & { readonly config: Pick<Config, 'oauth' | 'session'> },
): IdentityProviders {
  const { config, ...rest } = deps;
  const { maxAge } = config.session;
  const providers = new Map(
    config.oauth.providers.map((one) => [one.id, createOpenIdProvider({ ...rest, maxAge }, one)]),
  );
  return { find: (id) => providers.get(id) ?? null };
}
