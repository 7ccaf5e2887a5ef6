/**
 * A GraphQL document with one root field, and the types of its answer and its variables. It is the
 * text itself, so any client can send it.
 */
export type Operation<Result, Variables> = string & {
  /** Carries the types alone; never there at run time. */
  readonly __types?: (variables: Variables) => Result;
};
