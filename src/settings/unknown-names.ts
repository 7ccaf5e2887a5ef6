import { type Environment, FILE_SUFFIX, isServiceLink, type Problem } from './sources.ts';
import { isSettingName, SETTING_NAMES, SETTINGS } from './table.ts';

/**
 * Prefixes that only this server's settings have. Other programs use DATABASE_, GOOGLE_, NODE_ and the
 * like as well: with those prefixes only similarity reveals a typo.
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

/** Shorter names are similar to too many others (PORT and SORT) to be compared. */
const SHORTEST_COMPARED = 8;
const TWO_SLIPS_FROM = 16;

/** Shorter names, such as LOG_LEVEL_FILE and APP_NAME_FILE, may belong to another program. */
const SHORTEST_WITH_FILE = 10;

/**
 * Finds variables that are meant for this server but are not settings (CF-1). An operator may believe
 * that such a variable set a limit.
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

/** Kubernetes sets variables for every service near a pod, and one of them is probably called `latchkey`. */
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
    // Each additional or missing letter is a slip, so that most names need no closer comparison.
    if (Math.abs(known.length - name.length) > tolerated) return false;
    return slips(name.toUpperCase(), known) <= tolerated;
  });
}

/** The number of letters that must be added, removed, changed or swapped to turn one name into the other. */
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
