/** A good outcome of an operation: `kind` is the name of its GraphQL type. */
export type Outcome<Kind extends string> = { readonly kind: Kind };

/**
 * The union a mutation answers with. Errors are told by their class, outcomes by their `kind`.
 *
 * @param name `<Mutation>Result`
 */
export function resultUnion(name: string, description: string) {
  return {
    name,
    description,
    resolveType: (value: unknown) =>
      typeof value === 'object' &&
      value !== null &&
      'kind' in value &&
      typeof value.kind === 'string'
        ? value.kind
        : undefined,
  };
}
