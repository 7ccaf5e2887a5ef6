/** The name that was probably meant: the nearest within a third of its length; null if none is so near. */
function nearest(typed: string, names: Iterable<string>): string | null {
  const near = [...names]
    .map((name) => ({ name, edits: countEdits(typed, name) }))
    .filter(({ name, edits }) => edits <= Math.max(1, Math.floor(name.length / 3)))
    .toSorted((one, other) => one.edits - other.edits);
  return near[0]?.name ?? null;
}

/** The question about the name that was probably meant, to follow a sentence; empty if there is none. */
export function didYouMean(typed: string, names: Iterable<string>, prefix = ''): string {
  const name = nearest(typed, names);
  return name === null ? '' : ` Did you mean ${prefix}${name}?`;
}

/** Longer texts are no misspelled name, and comparing them takes time. */
const LONGEST = 64;

/** How many letters were added, left out, replaced or swapped with the next one (optimal string alignment). */
function countEdits(one: string, other: string): number {
  if (one.length > LONGEST) return Number.POSITIVE_INFINITY;
  const empty = Array.from({ length: other.length + 1 }, (_, column) => column);
  let [twoAbove, above]: [readonly number[], readonly number[]] = [empty, empty];
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped =
        row > 1 &&
        column > 1 &&
        one[row - 1] === other[column - 2] &&
        one[row - 2] === other[column - 1];
      current[column] = Math.min(
        at(above, column) + 1,
        at(current, column - 1) + 1,
        at(above, column - 1) + (isSame ? 0 : 1),
        isSwapped ? at(twoAbove, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [twoAbove, above] = [above, current];
  }
  return at(above, other.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
