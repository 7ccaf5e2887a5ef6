import type { Config } from '../../config.ts';
import type { IdentityProviders } from '../../kernel/identity-provider.ts';
import type { ProviderDeps } from './authorization-code.ts';
import { createOAuth2Provider } from './oauth2-provider.ts';
import { createOpenIdProvider } from './openid-provider.ts';

/** The configured providers, including Google. No request is sent before one is needed. */
export function createIdentityProviders(
  deps: ProviderDeps & { readonly config: Pick<Config, 'oauth' | 'session'> },
): IdentityProviders {
  const { config, ...rest } = deps;
  const { maxAge } = config.session;
  const providers = new Map(
    config.oauth.providers.map((one) => [
      one.id,
      one.protocol === 'openid'
        ? createOpenIdProvider({ ...rest, maxAge }, one)
        : createOAuth2Provider(rest, one),
    ]),
  );
  return { find: (id) => providers.get(id) ?? null };
}
