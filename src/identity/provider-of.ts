import type { Config } from '../config.ts';
import { brandOf } from '../settings/oauth-presets.ts';
import type { OAuthBrand } from '../settings/provider.ts';
import { isIssuerOf } from '../settings/providers.ts';

/** The provider of an identity. A provider that is no longer configured is named by its host. */
export function providerOf(
  config: Pick<Config, 'oauth'>,
  issuer: string,
): { readonly id: string; readonly name: string; readonly brand: OAuthBrand | null } {
  const configured = configuredProvider(config, issuer);
  if (configured) return configured;
  const { host } = new URL(issuer);
  return { id: host, name: host, brand: brandOf(issuer) };
}

/** True if this server has the provider of an identity: only then can the person sign in with it. */
export function isConfigured(config: Pick<Config, 'oauth'>, issuer: string): boolean {
  return configuredProvider(config, issuer) !== undefined;
}

function configuredProvider({ oauth }: Pick<Config, 'oauth'>, issuer: string) {
  return oauth.providers.find((provider) => isIssuerOf(provider, issuer));
}
