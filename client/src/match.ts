type Tagged = { readonly __typename: string };
type Name<Result extends Tagged> = Result['__typename'];
type ErrorName<Result extends Tagged> = Extract<Name<Result>, `${string}Error`>;
type Member<Result extends Tagged, Key> = Extract<Result, { readonly __typename: Key }>;
type Handler<Result extends Tagged, Key> = (outcome: Member<Result, Key>) => unknown;

/** Stands for the refusals that have no function of their own. */
type ForErrors<Result extends Tagged> = {
  readonly Error: (error: Member<Result, ErrorName<Result>>) => unknown;
};

/** One function for each outcome; none may be forgotten. */
type All<Result extends Tagged> = {
  readonly [Key in Name<Result>]: Handler<Result, Key>;
} & Partial<ForErrors<Result>>;

/** One for each good outcome, and `Error`. */
type AllButErrors<Result extends Tagged> = {
  readonly [Key in Exclude<Name<Result>, ErrorName<Result>>]: Handler<Result, Key>;
} & { readonly [Key in ErrorName<Result>]?: Handler<Result, Key> } & ForErrors<Result>;

type Returned<Chosen> = {
  [Key in keyof Chosen]: Chosen[Key] extends (...input: never) => infer Output ? Output : never;
}[keyof Chosen];

/** An outcome this client was not generated for: the server is newer. */
export class UnknownOutcomeError extends Error {
  override readonly name = 'UnknownOutcomeError';
  readonly outcome: string;

  constructor(outcome: string) {
    super('The server answered with an outcome this client does not know.');
    this.outcome = outcome;
  }
}

/**
 * Calls the function of the outcome that came. It does not compile while an outcome has none;
 * `Error` stands for every refusal that is not named.
 *
 * @throws UnknownOutcomeError when the server is newer than the types
 */
export function match<Result extends Tagged, Chosen extends AllButErrors<Result>>(
  result: Result,
  handlers: Chosen,
): Returned<Chosen>;
// Last, because the compiler's message is about the last one: it names what is missing.
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
