/** What can be set, and to what: the first level of each is what a new deployment has. */
export type Factors = Readonly<Record<string, readonly string[]>>;

/** One choice of everything. */
export type Row = Readonly<Record<string, string>>;

/** Two levels that exclude each other. */
export type Impossible = {
  readonly levels: readonly [factor: string, level: string, factor: string, level: string];
  readonly because: string;
};

/**
 * Rows in which every pair of levels of any two factors occurs, but for the impossible ones. Greedy and
 * without chance: the same factors give the same rows (after Cohen et al., "The AETG system", 1997).
 */
export function coveringArray(
  factors: Factors,
  impossible: readonly Impossible[] = [],
): readonly Row[] {
  const excluded = new Set(impossible.map(({ levels }) => keyOf(...levels)));
  const uncovered = new Set(pairsOf(factors).filter((pair) => !excluded.has(pair)));
  const rows: Row[] = [];
  for (;;) {
    const [next] = uncovered;
    if (next === undefined) return rows;
    const row = complete(startOf(next), factors, uncovered, excluded);
    for (const pair of pairsIn(row)) uncovered.delete(pair);
    rows.push(row);
  }
}

/** Every pair of levels of two different factors, as a text. */
export function pairsOf(factors: Factors): readonly string[] {
  const entries = Object.entries(factors);
  return entries.flatMap(([factor, levels], index) =>
    entries
      .slice(index + 1)
      .flatMap(([other, others]) =>
        levels.flatMap((level) => others.map((one) => keyOf(factor, level, other, one))),
      ),
  );
}

/** The pairs of one row. */
export function pairsIn(row: Row): readonly string[] {
  return pairsOf(Object.fromEntries(Object.entries(row).map(([name, level]) => [name, [level]])));
}

/** Fills a row in the order of the factors, each with the level that covers the most. */
function complete(
  start: Row,
  factors: Factors,
  uncovered: ReadonlySet<string>,
  excluded: ReadonlySet<string>,
): Row {
  let chosen = start;
  for (const [factor, levels] of Object.entries(factors)) {
    if (factor in chosen) continue;
    const candidates = levels
      .map((level) => ({ level, pairs: pairsWith(chosen, factor, level) }))
      .filter(({ pairs }) => !pairs.some((pair) => excluded.has(pair)));
    const gain = ({ pairs }: { readonly pairs: readonly string[] }) =>
      pairs.filter((pair) => uncovered.has(pair)).length;
    const best = candidates.toSorted((one, other) => gain(other) - gain(one))[0];
    if (!best) throw new Error(`No level of ${factor} fits ${JSON.stringify(chosen)}.`);
    chosen = { ...chosen, [factor]: best.level };
  }
  return Object.fromEntries(Object.keys(factors).map((name) => [name, chosen[name] ?? '']));
}

function pairsWith(row: Row, factor: string, level: string): readonly string[] {
  return Object.entries(row).map(([other, one]) => keyOf(factor, level, other, one));
}

function keyOf(factor: string, level: string, other: string, one: string): string {
  return [`${factor}=${level}`, `${other}=${one}`].sort().join(' × ');
}

function startOf(pair: string): Row {
  return Object.fromEntries(
    pair.split(' × ').map((text) => {
      const at = text.indexOf('=');
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}
