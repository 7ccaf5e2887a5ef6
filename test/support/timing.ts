/**
 * Does an answer's duration tell two cases apart (LG-2)? Pairs are sent one after the other, in
 * random order within a pair, so that a machine that warms up or gets busy touches both alike.
 */
export type Comparison = {
  /** The chance that a random duration of the one is longer than one of the other: 0.5 means no difference. */
  readonly auc: number;
  /** How often shuffled labels would look at least as different. */
  readonly p: number;
  readonly pairs: number;
  /** Medians, in milliseconds. */
  readonly medians: readonly [number, number];
};

export type Trial = (pair: number) => Promise<unknown>;

export async function compareDurations(
  trials: { readonly one: Trial; readonly other: Trial },
  options: { readonly pairs: number; readonly warmUp?: number },
): Promise<Comparison> {
  const one: number[] = [];
  const other: number[] = [];
  const { pairs, warmUp = 10 } = options;
  for (let pair = -warmUp; pair < pairs; pair += 1) {
    const turns = [
      { trial: trials.one, into: one },
      { trial: trials.other, into: other },
    ];
    if (Math.random() < 0.5) turns.reverse();
    for (const { trial, into } of turns) {
      const startedAt = performance.now();
      await trial(pair);
      const duration = performance.now() - startedAt;
      if (pair >= 0) into.push(duration);
    }
  }
  const auc = areaUnderCurve(one, other);
  return { auc, p: permutationP(one, other), pairs, medians: [median(one), median(other)] };
}

/** Mann-Whitney's U over the number of pairs: how often a value of the first is the larger one. */
export function areaUnderCurve(one: readonly number[], other: readonly number[]): number {
  const values = [
    ...one.map((value) => ({ value, own: true })),
    ...other.map((value) => ({ value, own: false })),
  ].sort((a, b) => a.value - b.value);
  let rankSum = 0;
  for (let start = 0; start < values.length; ) {
    let end = start;
    while (end < values.length && values[end]?.value === values[start]?.value) end += 1;
    // Equal values share the middle of their ranks.
    const rank = (start + 1 + end) / 2;
    rankSum += rank * values.slice(start, end).filter(({ own }) => own).length;
    start = end;
  }
  const u = rankSum - (one.length * (one.length + 1)) / 2;
  return u / (one.length * other.length);
}

/** A two-sided permutation test of the AUC, with values swapped within their pairs. */
export function permutationP(
  one: readonly number[],
  other: readonly number[],
  rounds = 1_000,
): number {
  const observed = Math.abs(areaUnderCurve(one, other) - 0.5);
  let asExtreme = 0;
  for (let round = 0; round < rounds; round += 1) {
    const [left, right]: [number[], number[]] = [[], []];
    one.forEach((value, index) => {
      const partner = other[index] ?? value;
      const swap = Math.random() < 0.5;
      left.push(swap ? partner : value);
      right.push(swap ? value : partner);
    });
    if (Math.abs(areaUnderCurve(left, right) - 0.5) >= observed) asExtreme += 1;
  }
  return (asExtreme + 1) / (rounds + 1);
}

/** The positive control: the same trial, slower by so much of the processor's time. */
export function slowedDown(trial: Trial, milliseconds: number): Trial {
  return async (pair) => {
    await trial(pair);
    const until = performance.now() + milliseconds;
    while (performance.now() < until);
  };
}

export function formatComparison(name: string, { auc, p, pairs, medians }: Comparison): string {
  const [one, other] = medians.map((value) => value.toFixed(2));
  return `${name}: AUC ${auc.toFixed(3)}, p ${p.toFixed(3)}, medians ${one} and ${other} ms, ${pairs} pairs`;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
