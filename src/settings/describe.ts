import { type Environment, findSources, type Sourced } from './sources.ts';
import { SETTING_NAMES, SETTINGS, type SettingName } from './table.ts';

/** One setting as `latchkey config` shows it. */
export type ConfigRow = {
  readonly name: SettingName;
  readonly value: string;
  readonly source: Sourced['source'];
};

/**
 * Describes every setting of this environment, valid or not, for `latchkey config`. Secrets are shown
 * as `(set)`, and URLs without credentials (CF-2).
 */
export function describeConfig(env: Environment): readonly ConfigRow[] {
  const sources = findSources(env);
  return SETTING_NAMES.map((name) => {
    const { text, source, problem } = sources.of[name];
    const value = problem ? `(${problem.rule})` : show(name, text, source);
    return { name, value, source };
  });
}

/** One setting as this process runs it. */
export type RunningSetting = {
  readonly name: SettingName;
  /** Null for a secret, and without a value. */
  readonly value: string | null;
  readonly source: Sourced['source'];
};

/**
 * Describes every setting for the administrators' API, which shows less than the command line: of a secret nothing, not even
 * whether it is set, and nothing of a text with credentials in it (CF-2).
 */
export function describeSettings(env: Environment): readonly RunningSetting[] {
  const sources = findSources(env);
  return SETTING_NAMES.map((name) => {
    const { text, source } = sources.of[name];
    const isSecret = SETTINGS[name].secret !== null;
    const isShown = text !== null && !isSecret && withoutCredentials(text) === text;
    return { name, value: isShown ? text : null, source };
  });
}

function show(name: SettingName, text: string | null, source: Sourced['source']): string {
  const { secret, shown } = SETTINGS[name];
  if (text === null) return `(${shown})`;
  if (secret === 'whole') return source === 'default' ? text : '(set)';
  return secret === 'url' ? withoutSecrets(text) : withoutCredentials(text);
}

/**
 * Shows scheme, host and path. The query is hidden because it may hold a password (`?password=`). If
 * the path contains an @, everything is hidden: a password with an unescaped `/` looks like a path to
 * the parser, and its user like the host.
 */
function withoutSecrets(text: string): string {
  const url = URL.parse(text);
  if (!url?.host || `${url.pathname}${url.search}${url.hash}`.includes('@')) return '(set)';
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** Removes everything up to the last @: of a malformed URL it is better to show too little than a password. */
function withoutCredentials(text: string): string {
  return text.replace(/\/\/\S*@/g, '//');
}
