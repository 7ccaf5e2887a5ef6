import { createHash } from 'node:crypto';
import type { ObjectRef } from '@pothos/core';
import {
  invalidCursor,
  type PageArguments,
  pageLimit,
  withoutExtraRow,
} from '../../graphql/page.ts';
import { isId } from '../../kernel/id.ts';
import { builder } from './builder.ts';

/** The place of a row in the order of its list, as a cursor holds it. */
export type Place<Position> = {
  readonly write: (position: Position) => string;
  /** @returns null unless {@link Place.write} could have written it */
  readonly read: (text: string) => Position | null;
};

/** The place in a list whose order is that of the ids, which are ordered by time (UUIDv7). */
export const BY_ID: Place<string> = {
  write: (id) => id,
  read: (text) => (isId(text) ? text : null),
};

/** The time of a row, and its id, because rows may have the same time. */
export type TimeAndId = { readonly at: Date; readonly id: string };

/** The place in a list whose order is that of a time. */
export const BY_TIME: Place<TimeAndId> = {
  write: ({ at, id }) => `${at.getTime()}.${id}`,
  read(text) {
    const [, time, id] = /^(\d{1,14})\.(.+)$/.exec(text) ?? [];
    return time !== undefined && id !== undefined && isId(id)
      ? { at: new Date(Number(time)), id }
      : null;
  },
};

/** A list: everything that decides which rows it has, and in which order. */
export type List<Position> = {
  /** The name, and for a list of something, its id: `users`, `sessions of <id>`. */
  readonly name: string;
  /** The filter and the order as they were parsed: plain values of JSON, in an order of their own. */
  readonly scope?: object;
  readonly place: Place<Position>;
};

/** The arguments for reading one page of a list. */
export type ListRequest<Position> = {
  /** The place that the page starts after; null for the first page. */
  readonly after: Position | null;
  /** One row more than requested, to find out whether more rows follow. */
  readonly limit: number;
  readonly cursorOf: (position: Position) => string;
};

/** A page with the cursor of each row. */
export type ListPage<Node> = {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
};

/**
 * Reads the arguments of a list. A cursor holds a digest of its list. With another list, another filter or another order,
 * the same place would silently skip rows or repeat them (AD-7).
 *
 * @throws InvalidInputError if `first` is out of range, or `after` is not a cursor of this list with this filter and order
 */
export function listRequest<Position>(
  args: PageArguments,
  { name, scope = {}, place }: List<Position>,
): ListRequest<Position> {
  const limit = pageLimit(args);
  const digest = createHash('sha256')
    .update(JSON.stringify([name, scope]))
    .digest();
  const prefix = digest.toString('base64url').slice(0, DIGEST_LENGTH);
  const cursorOf = (position: Position) =>
    prefix + Buffer.from(place.write(position)).toString('base64url');
  if (args.after == null) return { after: null, limit, cursorOf };
  const after = args.after.startsWith(prefix)
    ? place.read(Buffer.from(args.after.slice(DIGEST_LENGTH), 'base64url').toString())
    : null;
  // Base64url has several texts for the same bytes. Only the one that was given away is a cursor.
  if (after === null || cursorOf(after) !== args.after) throw invalidCursor();
  return { after, limit, cursorOf };
}

/** 96 bits: two lists do not meet by accident. A cursor is no secret and grants nothing. */
const DIGEST_LENGTH = 16;

/**
 * Removes the extra row and gives each of the others its cursor.
 *
 * @param scannedTo where the store stopped looking before the page was full, because it had looked at enough rows. Such
 *   a page is short, or even empty, and says that more follow.
 */
export function listPage<Node, Position>(
  rows: readonly Node[],
  { limit, cursorOf }: ListRequest<Position>,
  positionOf: (node: Node) => Position,
  scannedTo: Position | null = null,
): ListPage<Node> {
  const { nodes, hasNextPage } = withoutExtraRow(rows, limit);
  const edges = nodes.map((node) => ({ cursor: cursorOf(positionOf(node)), node }));
  if (hasNextPage || scannedTo === null)
    return { edges, hasNextPage, endCursor: edges.at(-1)?.cursor ?? null };
  return { edges, hasNextPage: true, endCursor: cursorOf(scannedTo) };
}

const PageInfo = builder.objectRef<ListPage<unknown>>('PageInfo').implement({
  description: 'The position of a page (Relay Cursor Connections).',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', {
      description:
        'True if more items may follow. A page that took too many rows to fill has fewer items than requested, or none, and says true.',
    }),
    endCursor: t.exposeString('endCursor', {
      nullable: true,
      description:
        'Where the page ends: pass it as `after` to get the next page. Null if there is nothing to continue from.',
    }),
  }),
});

/** The arguments of every list. */
export const pageArguments = builder.args((t) => ({
  first: t.int({ defaultValue: 20, description: 'The maximum number of items, 1 to 100.' }),
  after: t.string({
    description:
      'The cursor of the item after which the page starts, from the same list with the same filter and order.',
  }),
}));

/**
 * Creates the types `<name>Connection` and `<name>Edge`.
 *
 * @param order the order of the items, in words: `newest first`
 */
export function connectionType<Node extends object>(
  name: string,
  nodeType: ObjectRef<
    typeof builder extends PothosSchemaTypes.SchemaBuilder<infer T> ? T : never,
    Node
  >,
  order = 'newest first',
) {
  const EdgeType = builder.objectRef<ListPage<Node>['edges'][number]>(`${name}Edge`).implement({
    description: `One ${name} of a page, with its cursor.`,
    fields: (t) => ({
      cursor: t.exposeString('cursor', { description: 'The cursor of this edge.' }),
      node: t.field({
        type: nodeType,
        description: `The ${name}.`,
        resolve: ({ node }) => node as never,
      }),
    }),
  });
  return builder.objectRef<ListPage<Node>>(`${name}Connection`).implement({
    description: `A page of items of the type ${name}, ${order}.`,
    fields: (t) => ({
      edges: t.field({
        type: [EdgeType],
        description: `The items of the page, ${order}.`,
        resolve: ({ edges }) => edges,
      }),
      pageInfo: t.field({
        type: PageInfo,
        description: 'The position of the page.',
        resolve: (page) => page,
      }),
    }),
  });
}
