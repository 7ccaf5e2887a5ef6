import * as operations from '../../client/src/generated/operations.ts';

/** A GraphQL document with the types of its variables and of its answer's `data`. */
export type Document<Data, Variables> = string & {
  /** Only carries the types; never present at run time. */
  readonly __typesOfTests: (variables: Variables) => Data;
};

const OPERATIONS = { ...operations };

type Operations = typeof OPERATIONS;
type Name = keyof Operations;
type TypesOf<N extends Name> = NonNullable<Operations[N]['__types']>;

/**
 * The fields of all members of a union, readable without narrowing and without a look for null: a test
 * that reads a field of another member than the one it got finds `undefined`, and fails.
 */
type Merged<Union> = {
  readonly [Field in Union extends unknown ? keyof Union : never]: Union extends {
    readonly [_ in Field]: infer Value;
  }
    ? NonNullable<Value>
    : never;
};

type DocumentOf<N extends Name> = Document<
  { readonly [_ in N]: Merged<ReturnType<TypesOf<N>>> },
  Parameters<TypesOf<N>>[0]
>;

/**
 * The client library's document of this operation, which selects everything that the operation offers; or
 * a text of the test's own with the same types, for one that selects less, or that costs less.
 */
export function documentOf<N extends Name>(
  name: N,
  text: string = OPERATIONS[name],
): DocumentOf<N> {
  return text as DocumentOf<N>;
}
