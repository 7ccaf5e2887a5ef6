import { type Environment, FILE_SUFFIX, isServiceLink, type Problem } from './sources.ts';
import { isSettingName, SETTING_NAMES, SETTINGS } from './table.ts';

/**
 * Beginnings that only our names have. DATABASE_, GOOGLE_, NODE_ and the like are everybody's:
 * under those a typo is found by its likeness alone.
 */
const OUR_PREFIXES = [
  'ACCESS_TOKEN_',
  'ARGON2_',
  'HASH_',
  'LATCHKEY_',
  'OAUTH_REDIRECT_',
  'OIDC_',
  'REFRESH_',
  'SIGNING_KEY_',
  'STEP_UP_',
  'TRUSTED_DOCUMENTS',
  'TRUSTED_PROXY_',
];

/** Short names have too many neighbors (PORT and SORT) for likeness to mean anything. */
const SHORTEST_COMPARED = 8;
const TWO_SLIPS_FROM = 16;

/** LOG_LEVEL_FILE and APP_NAME_FILE may well be another program's. */
const SHORTEST_WITH_FILE = 10;

/**
 * Variables that are meant for us and that we do not read (CF-1): a limit somebody believes to
 * have set and has not.
 */
export function findUnknownNames(env: Environment): readonly Problem[] {
  return Object.entries(env).flatMap(([name, value]) => {
    const isOurs = isRead(name) || !value?.trim() || isOfKubernetes(name, value);
    const rule = isOurs ? null : ruleAgainst(name);
    return rule === null ? [] : [{ setting: name, rule }];
  });
}

function ruleAgainst(name: string): string | null {
  const base = name.endsWith(FILE_SUFFIX) ? name.slice(0, -FILE_SUFFIX.length) : name;
  if (base !== name && isSettingName(base)) {
    return base.length < SHORTEST_WITH_FILE
      ? null
      : 'is not a setting: only secrets come from files';
  }
  const similar = similarSetting(base);
  const suffix = base !== name && similar && SETTINGS[similar].secret ? FILE_SUFFIX : '';
  if (similar) return `is not a setting; did you mean ${similar}${suffix}?`;
  const prefix = OUR_PREFIXES.find((one) => name.startsWith(one));
  if (!prefix) return null;
  const relatives = SETTING_NAMES.filter((known) => known.startsWith(prefix)).join(', ');
  return relatives
    ? `is not a setting; those that begin alike are ${relatives}`
    : 'is not a setting';
}

function isRead(name: string): boolean {
  const base = name.endsWith(FILE_SUFFIX) ? name.slice(0, -FILE_SUFFIX.length) : '';
  return isSettingName(name) || (isSettingName(base) && SETTINGS[base].secret !== null);
}

/** Kubernetes names variables after every service near a pod; one called `latchkey` is likely. */
function isOfKubernetes(name: string, value: string): boolean {
  return (
    /_SERVICE_(HOST|PORT(_\w+)?)$/.test(name) ||
    /_PORT_\d+_(TCP|UDP|SCTP)(_\w+)?$/.test(name) ||
    isServiceLink(name, value)
  );
}

function similarSetting(name: string) {
  if (name.length < SHORTEST_COMPARED) return undefined;
  return SETTING_NAMES.filter((known) => known.length >= SHORTEST_COMPARED).find((known) => {
    const tolerated = known.length < TWO_SLIPS_FROM ? 1 : 2;
    // A letter more or less is a slip each: most names need no closer look.
    if (Math.abs(known.length - name.length) > tolerated) return false;
    return slips(name.toUpperCase(), known) <= tolerated;
  });
}

/** Letters added, left out, changed or swapped with a neighbor to make one name the other. */
function slips(from: string, to: string): number {
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const changed = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const swapped = isSwap ? (before[j - 2] ?? 0) + 1 : changed;
      next.push(Math.min(changed, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    [before, row] = [row, next];
  }
  return row[to.length] ?? 0;
}
