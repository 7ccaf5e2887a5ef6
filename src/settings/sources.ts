import { availableParallelism } from 'node:os';
import { errorCode } from '../kernel/errors.ts';
import { exposureOf } from './secret-file.ts';
import type { Known } from './setting.ts';
import { SETTING_NAMES, SETTINGS, type SettingName } from './table.ts';
import { readTextFile, TextEncodingError } from './text-file.ts';

/** Variables and their texts, as process.env has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A problem that prevents a start: the setting and the broken rule, never the value (CF-1). */
export type Problem = { readonly setting: string; readonly rule: string };

/** The text of a setting, its source, and why it could not be read. */
export type Sourced = {
  readonly text: string | null;
  readonly source: 'default' | 'environment' | 'file';
  readonly problem: Problem | null;
};

/** The texts of all settings. */
export type Sources = {
  readonly production: boolean;
  readonly of: Readonly<Record<SettingName, Sourced>>;
  /** The default text of a setting. */
  fallback(name: SettingName): string | null;
};

/** The suffix of a variable that names the file of a secret (CF-2). */
export const FILE_SUFFIX = '_FILE';

/**
 * Finds the text of every setting: the variable, the file of a secret, or the default. An empty
 * variable counts as unset, because container files can set a variable but not unset it.
 */
export function findSources(env: Environment): Sources {
  const production = isProduction(env);
  const given = new Map(SETTING_NAMES.map((name) => [name, findGiven(env, name)]));
  const known: Known = {
    production,
    cores: availableParallelism(),
    threads: threadsOf(env),
    text(name) {
      const text = find(name).text ?? '';
      const reading = SETTINGS[name].read(text, production);
      return reading.ok && typeof reading.value === 'string' ? reading.value : text;
    },
  };
  const fallback = (name: SettingName) => SETTINGS[name].fallback(known);
  const find = (name: SettingName): Sourced =>
    given.get(name) ?? { text: fallback(name), source: 'default', problem: null };
  const entries = SETTING_NAMES.map((name) => [name, find(name)] as const);
  return { production, of: Object.fromEntries(entries) as Sources['of'], fallback };
}

/** The size of libuv's thread pool, with libuv's default and bounds. */
export function threadsOf(env: Environment): number {
  const wanted = Number(trimmed(env, 'UV_THREADPOOL_SIZE') ?? 4);
  return Number.isInteger(wanted) ? Math.min(Math.max(wanted, 1), 1024) : 4;
}

/** Any mode but `development` and `test` is production, so that a misspelled mode is safe (OA-12). */
function isProduction(env: Environment): boolean {
  const mode = trimmed(env, 'NODE_ENV') ?? 'development';
  return mode !== 'development' && mode !== 'test';
}

/**
 * Kubernetes sets a variable for every service near a pod: a service called `metrics` sets
 * METRICS_PORT to `tcp://10.96.1.2:9090`. Nobody chose that value, so the setting counts as unset.
 */
export function isServiceLink(name: string, text: string): boolean {
  return name.endsWith('_PORT') && /^(?:tcp|udp|sctp):\/\//.test(text);
}

function findGiven(env: Environment, name: SettingName): Sourced | null {
  const given = trimmed(env, name);
  const text = given !== null && isServiceLink(name, given) ? null : given;
  const path = SETTINGS[name].secret ? trimmed(env, name + FILE_SUFFIX) : null;
  if (path === null) return text === null ? null : { text, source: 'environment', problem: null };
  if (text === null) return readSecretFile(name, path);
  const rule = `is set twice, directly and as ${name}${FILE_SUFFIX}`;
  return { text: null, source: 'file', problem: { setting: name, rule } };
}

function readSecretFile(name: SettingName, path: string): Sourced {
  const refused = (rule: string): Sourced => ({
    text: null,
    source: 'file',
    problem: { setting: name + FILE_SUFFIX, rule },
  });
  try {
    const text = readTextFile(path).trim();
    // Any user who may write the file could choose the secret.
    if (exposureOf(path) === 'writable') return refused('names a file that every user may write');
    return text === '' ? refused('names an empty file') : { text, source: 'file', problem: null };
  } catch (error) {
    if (error instanceof TextEncodingError) return refused(`names a file that ${error.message}`);
    return refused(`names a file that cannot be read (${errorCode(error) ?? 'unknown error'})`);
  }
}

/** The settings whose secret is in a file that every user of the machine may read. */
export function readableSecretFiles(env: Environment): readonly string[] {
  return SETTING_NAMES.filter((name) => {
    const path = SETTINGS[name].secret ? trimmed(env, name + FILE_SUFFIX) : null;
    return path !== null && exposureOf(path) === 'readable';
  }).map((name) => name + FILE_SUFFIX);
}

function trimmed(env: Environment, name: string): string | null {
  return env[name]?.trim() || null;
}
