import type { ObjectRef } from '@pothos/core';
import { isId } from '../kernel/id.ts';
import { builder } from './builder.ts';
import { invalidCursor, type PageArguments, pageLimit, withoutExtraRow } from './page.ts';

/** A page, newest first. The cursor is the id, which is ordered by time (UUIDv7). */
export type Page<Node extends { readonly id: string }> = {
  readonly nodes: readonly Node[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
};

/**
 * The arguments for reading one page. A store reads one row more than requested to find out whether more rows
 * follow.
 */
export type PageRequest = { readonly before: string | null; readonly limit: number };

/** @throws InvalidInputError if `first` is out of range or `after` is not a cursor */
export function pageRequest(args: PageArguments): PageRequest {
  const limit = pageLimit(args);
  if (args.after != null && !isId(args.after)) throw invalidCursor();
  return { before: args.after ?? null, limit };
}

/** Removes the extra row. */
export function pageOf<Node extends { readonly id: string }>(
  rows: readonly Node[],
  { limit, before }: PageRequest,
): Page<Node> {
  return { ...withoutExtraRow(rows, limit), hasPreviousPage: before !== null };
}

const PageInfo = builder.objectRef<Page<{ readonly id: string }>>('PageInfo').implement({
  description: 'The position of a page (Relay Cursor Connections).',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', { description: 'True if more items follow.' }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', {
      description: 'True if the page was requested with a cursor.',
    }),
    startCursor: t.string({
      nullable: true,
      description: 'The cursor of the first edge; null on an empty page.',
      resolve: (page) => page.nodes.at(0)?.id ?? null,
    }),
    endCursor: t.string({
      nullable: true,
      description:
        'The cursor of the last edge; null on an empty page. Pass it as `after` to get the next page.',
      resolve: (page) => page.nodes.at(-1)?.id ?? null,
    }),
  }),
});

/** Creates the types `<name>Connection` and `<name>Edge`. */
export function connectionType<Node extends { readonly id: string }>(
  name: string,
  nodeType: ObjectRef<
    typeof builder extends PothosSchemaTypes.SchemaBuilder<infer T> ? T : never,
    Node
  >,
) {
  const EdgeType = builder.objectRef<Node>(`${name}Edge`).implement({
    description: `One ${name} of a page, with its cursor.`,
    fields: (t) => ({
      cursor: t.string({ description: 'The cursor of this edge.', resolve: (node) => node.id }),
      node: t.field({
        type: nodeType,
        description: `The ${name}.`,
        resolve: (node) => node as never,
      }),
    }),
  });
  return builder.objectRef<Page<Node>>(`${name}Connection`).implement({
    description: `A page of ${name}s, newest first.`,
    fields: (t) => ({
      edges: t.field({
        type: [EdgeType],
        description: 'The items of the page, newest first.',
        resolve: (page) => page.nodes,
      }),
      pageInfo: t.field({
        type: PageInfo,
        description: 'The position of the page.',
        resolve: (page) => page,
      }),
    }),
  });
}
