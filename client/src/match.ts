type Tagged = { readonly __typename: string };
type Name<Result extends Tagged> = Result['__typename'];
type ErrorName<Result extends Tagged> = Extract<Name<Result>, `${string}Error`>;
type Member<Result extends Tagged, Key> = Extract<Result, { readonly __typename: Key }>;
type Handler<Result extends Tagged, Key> = (outcome: Member<Result, Key>) => unknown;

/** A handler `Error` for all error types that have no handler of their own. */
type ForErrors<Result extends Tagged> = {
  readonly Error: (error: Member<Result, ErrorName<Result>>) => unknown;
};

/** One handler for every outcome. */
type All<Result extends Tagged> = {
  readonly [Key in Name<Result>]: Handler<Result, Key>;
} & Partial<ForErrors<Result>>;

/** One handler for every successful outcome, and `Error` for the rest. */
type AllButErrors<Result extends Tagged> = {
  readonly [Key in Exclude<Name<Result>, ErrorName<Result>>]: Handler<Result, Key>;
} & { readonly [Key in ErrorName<Result>]?: Handler<Result, Key> } & ForErrors<Result>;

type Returned<Chosen> = {
  [Key in keyof Chosen]: Chosen[Key] extends (...input: never) => infer Output ? Output : never;
}[keyof Chosen];

/**
 * The server returned an outcome that the generated types do not know, because the server is newer than the
 * client.
 */
export class UnknownOutcomeError extends Error {
  override readonly name = 'UnknownOutcomeError';
  readonly outcome: string;

  constructor(outcome: string) {
    super('The server returned an outcome that this client does not know.');
    this.outcome = outcome;
  }
}

/**
 * Calls the handler of the outcome that a mutation returned. The call does not compile if an outcome has no
 * handler. The handler `Error` receives every error type that has no handler of its own.
 *
 * @throws UnknownOutcomeError if the server is newer than the generated types
 */
export function match<Result extends Tagged, Chosen extends AllButErrors<Result>>(
  result: Result,
  handlers: Chosen,
): Returned<Chosen>;
// This overload is last because the compiler reports the last one, and its message names the missing handler.
export function match<Result extends Tagged, Chosen extends All<Result>>(
  result: Result,
  handlers: Chosen,
): Returned<Chosen>;
export function match(result: Tagged, handlers: Readonly<Record<string, unknown>>): unknown {
  const name = result.__typename;
  const own = Object.hasOwn(handlers, name) ? handlers[name] : undefined;
  const handler = own ?? (name.endsWith('Error') ? handlers['Error'] : undefined);
  if (typeof handler !== 'function') throw new UnknownOutcomeError(name);
  return handler(result);
}
