import { InvalidInputError } from '../kernel/errors.ts';

/** The maximum number of items in a page. */
const MAX_PAGE_SIZE = 100;

/** The arguments of a list. */
export type PageArguments = {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
};

/**
 * The number of rows to read for a page: one more than requested, to find out whether more rows follow.
 *
 * @throws InvalidInputError if `first` is out of range
 */
export function pageLimit({ first: requested }: PageArguments): number {
  const first = requested ?? 20;
  if (first < 1 || first > MAX_PAGE_SIZE) {
    throw new InvalidInputError([
      { path: ['first'], message: `Ask for 1 to ${MAX_PAGE_SIZE} at a time.` },
    ]);
  }
  return first + 1;
}

/** Removes the extra row. */
export function withoutExtraRow<Row>(
  rows: readonly Row[],
  limit: number,
): { readonly nodes: readonly Row[]; readonly hasNextPage: boolean } {
  return { nodes: rows.slice(0, limit - 1), hasNextPage: rows.length === limit };
}

/** The refusal of an `after` that is not a cursor of the list. */
export function invalidCursor(): InvalidInputError {
  return new InvalidInputError([{ path: ['after'], message: 'This is not a cursor.' }]);
}
