/** A successful outcome of an operation. `kind` is the name of its GraphQL type. */
export type Outcome<Kind extends string> = { readonly kind: Kind };

/**
 * Options of the union that a mutation returns. Its name is `<Mutation>Result`. The type of an error is
 * resolved by its class, the type of an outcome by its `kind`.
 *
 * @param mutation the name of the mutation's field
 */
export function resultUnion(mutation: string) {
  return {
    name: `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Result`,
    description: `The possible outcomes of \`${mutation}\`.`,
    resolveType: (value: unknown) =>
      typeof value === 'object' &&
      value !== null &&
      'kind' in value &&
      typeof value.kind === 'string'
        ? value.kind
        : undefined,
  };
}
