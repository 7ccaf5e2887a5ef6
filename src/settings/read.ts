import { findConflicts } from './rules.ts';
import { type Environment, findSources, type Problem, type Sources, threadsOf } from './sources.ts';
import { SETTING_NAMES, SETTINGS, type SettingName, type SettingValues } from './table.ts';
import { findUnknownNames } from './unknown-names.ts';

/** Every value, or every problem. */
export type Settings =
  | { readonly ok: true; readonly values: SettingValues; readonly production: boolean }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads every setting and judges them one by one and together. */
export function readSettings(env: Environment): Settings {
  const sources = findSources(env);
  const values: Partial<Record<SettingName, unknown>> = {};
  const problems: Problem[] = [];
  const consequences: Problem[] = [];

  for (const name of SETTING_NAMES) {
    const result = readOne(name, sources);
    if (result.ok) values[name] = result.value;
    else if (result.isConsequence) consequences.push(result.problem);
    else problems.push(result.problem);
  }
  const known = values as Partial<SettingValues>;
  problems.push(
    ...findConflicts(known, sources.production, threadsOf(env)),
    ...findUnknownNames(env),
  );
  if (problems.length === 0) problems.push(...consequences);
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, values: values as SettingValues, production: sources.production };
}

type One =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: Problem; readonly isConsequence: boolean };

/** A default that breaks a rule was made from another setting that does: a consequence. */
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
