import type { Config } from '../config.ts';
import { isIssuerOf } from '../settings/providers.ts';

/** The provider of an identity. A provider that is no longer configured is named by its host. */
export function providerOf(
  config: Pick<Config, 'oauth'>,
  issuer: string,
): { readonly id: string; readonly name: string } {
  const configured = config.oauth.providers.find((provider) => isIssuerOf(provider, issuer));
  if (configured) return { id: configured.id, name: configured.name };
  const { host } = new URL(issuer);
  return { id: host, name: host };
}
