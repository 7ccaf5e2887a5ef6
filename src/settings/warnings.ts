import { type Environment, isServiceLink, type Problem, type Sources } from './sources.ts';
import { SETTING_NAMES } from './table.ts';

/** Settings with which the server starts and does what nobody expects. */
export function findWarnings(env: Environment, sources: Sources): readonly Problem[] {
  const links = SETTING_NAMES.filter((name) => isServiceLink(name, env[name]?.trim() ?? ''));
  return [
    ...links.map((setting) => ({
      setting,
      rule: 'is the link of a Kubernetes service and no port: it is ignored (enableServiceLinks: false keeps such links away)',
    })),
    ...(sources.production && sources.of.APP_URL.source === 'default'
      ? [
          {
            setting: 'APP_URL',
            rule: 'is not set: links in mails lead to PUBLIC_URL, which has no pages for them',
          },
        ]
      : []),
  ];
}
