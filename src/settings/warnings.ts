import { type Environment, isServiceLink, type Problem, type Sources } from './sources.ts';
import { SETTING_NAMES, SETTINGS } from './table.ts';

/** Settings with which the server starts, but probably not as intended. */
export function findWarnings(env: Environment, sources: Sources): readonly Problem[] {
  const links = SETTING_NAMES.filter((name) => isServiceLink(name, env[name]?.trim() ?? ''));
  return [
    ...links.map((setting) => ({
      setting,
      rule: 'is the link of a Kubernetes service and not a port, so it is ignored (enableServiceLinks: false removes such links)',
    })),
    ...(sources.production && sources.of.APP_URL.source === 'default'
      ? [
          {
            setting: 'APP_URL',
            rule: 'is not set, so links in mails lead to PUBLIC_URL, which has no pages for them',
          },
        ]
      : []),
    ...(isAppleUnreachable(sources)
      ? [
          {
            setting: 'PUBLIC_URL',
            rule: 'is not https, so nobody can sign in with Apple: its page posts the answers there, and Apple accepts https alone',
          },
        ]
      : []),
    ...(sources.of.PASSKEYS.text === 'true' && sources.of.PASSKEY_RP_ID.text === null
      ? [
          {
            setting: 'PASSKEYS',
            rule: 'is true, but APP_URL has an IP address for a host, to which no passkey can belong, so passkeys are off',
          },
        ]
      : []),
  ];
}

/** True if a provider posts its answers to an origin that it does not accept. */
function isAppleUnreachable({ of, production }: Sources): boolean {
  const providers = SETTINGS.OAUTH_PROVIDERS.read(of.OAUTH_PROVIDERS.text, production);
  const posts =
    providers.ok && providers.value.some((one) => one.protocol === 'openid' && one.usesFormPost);
  return posts && of.PUBLIC_URL.text?.startsWith('https:') !== true;
}
