import { findConflicts } from './rules.ts';
import { type Environment, findSources, type Problem, type Sources, threadsOf } from './sources.ts';
import { SETTING_NAMES, SETTINGS, type SettingName, type SettingValues } from './table.ts';
import { isTelemetrySetting } from './telemetry.ts';
import { findUnknownNames } from './unknown-names.ts';
import { findWarnings } from './warnings.ts';

/** The values of all settings, or all problems. */
export type Settings = Warned &
  (
    | { readonly ok: true; readonly values: SettingValues; readonly production: boolean }
    | { readonly ok: false; readonly problems: readonly Problem[] }
  );

/** Problems that do not prevent a start, but are probably mistakes. */
type Warned = { readonly warnings: readonly Problem[] };

/** Reads every setting, and validates each by itself and all of them together. */
export function readSettings(env: Environment): Settings {
  const sources = findSources(env);
  const values: Partial<Record<SettingName, unknown>> = {};
  const problems: Problem[] = [];
  const consequences: Problem[] = [];
  const forgiven: Problem[] = [];
  const isOff = readOne('OTEL_SDK_DISABLED', sources);
  const telemetryIsOff = isOff.ok && isOff.value === true;

  for (const name of SETTING_NAMES) {
    const result = readOne(name, sources);
    if (result.ok) values[name] = result.value;
    else if (SETTINGS[name].isLenient || (telemetryIsOff && isTelemetrySetting(name))) {
      values[name] = defaultOf(name, sources);
      forgiven.push(result.problem);
    } else if (result.isConsequence) consequences.push(result.problem);
    else problems.push(result.problem);
  }
  const known = values as Partial<SettingValues>;
  problems.push(
    ...findConflicts(known, sources.production, threadsOf(env)),
    ...findUnknownNames(env),
  );
  if (problems.length === 0) problems.push(...consequences);
  const warnings = [...findWarnings(env, sources), ...warningsFrom(forgiven, known)];
  if (problems.length > 0) return { ok: false, problems, warnings };
  const { production } = sources;
  return { ok: true, values: values as SettingValues, production, warnings };
}

function defaultOf(name: SettingName, { fallback, production }: Sources): unknown {
  const reading = SETTINGS[name].read(fallback(name), production);
  if (!reading.ok) throw new TypeError(`The default of ${name} breaks its rule.`);
  return reading.value;
}

/** Warnings about the settings whose default is used. Without a collector there are none. */
function warningsFrom(
  forgiven: readonly Problem[],
  known: Partial<SettingValues>,
): readonly Problem[] {
  const isSending =
    known.OTEL_SDK_DISABLED === false &&
    [
      known.OTEL_EXPORTER_OTLP_ENDPOINT,
      known.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
      known.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT,
    ].some((url) => typeof url === 'string');
  if (!isSending) return [];
  return forgiven.map(({ setting, rule }) => ({ setting, rule: `${rule}; the default is used` }));
}

type One =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: Problem; readonly isConsequence: boolean };

/** Reads one setting. If a default breaks its rule, another setting that it is made from is invalid: a consequence. */
function readOne(name: SettingName, { production, of }: Sources): One {
  const { text, source, problem } = of[name];
  if (problem) return { ok: false, problem, isConsequence: false };
  const { needed } = SETTINGS[name];
  const isNeeded = needed?.in === 'always' || (needed?.in === 'production' && production);
  if (needed && isNeeded && source === 'default') {
    const rule = `must be set: ${needed.hint}`;
    return { ok: false, problem: { setting: name, rule }, isConsequence: false };
  }
  const reading = SETTINGS[name].read(text, production);
  if (reading.ok) return reading;
  const isConsequence = source === 'default';
  return { ok: false, problem: { setting: name, rule: reading.rule }, isConsequence };
}
