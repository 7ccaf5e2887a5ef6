import { type Environment, findSources, type Sourced } from './sources.ts';
import { SETTING_NAMES, SETTINGS, type SettingName } from './table.ts';

/** One setting as the operator may see it. */
export type ConfigRow = {
  readonly name: SettingName;
  readonly value: string;
  readonly source: Sourced['source'];
};

/**
 * Every setting as this environment gives it, right or wrong, for `latchkey config`. Secrets are
 * shown as `(set)` and URLs without their credentials (CF-2).
 */
export function describeConfig(env: Environment): readonly ConfigRow[] {
  const sources = findSources(env);
  return SETTING_NAMES.map((name) => {
    const { text, source, problem } = sources.of[name];
    const value = problem ? `(${problem.rule})` : show(name, text, source);
    return { name, value, source };
  });
}

function show(name: SettingName, text: string | null, source: Sourced['source']): string {
  const { secret, shown } = SETTINGS[name];
  if (text === null) return `(${shown})`;
  if (secret === 'whole') return source === 'default' ? text : '(set)';
  return secret === 'url' ? withoutSecrets(text) : withoutCredentials(text);
}

/**
 * Scheme, host and path: a password may also stand in the query (`?password=`). Nothing where an @ stands behind
 * the host: a password with a `/` that was not escaped is then a path to the parser, and its user the host.
 */
function withoutSecrets(text: string): string {
  const url = URL.parse(text);
  if (!url?.host || `${url.pathname}${url.search}${url.hash}`.includes('@')) return '(set)';
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** Greedy, as far as the last @: better to show too little of a malformed URL than a password. */
function withoutCredentials(text: string): string {
  return text.replace(/\/\/\S*@/g, '//');
}
