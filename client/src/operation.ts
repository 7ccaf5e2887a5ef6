/**
 * A GraphQL document with one root field, and the types of its answer and its variables. It is the
 * text itself, so any client can send it. Its first line is a comment with the SHA-256 of the rest,
 * by which a server with TRUSTED_DOCUMENTS knows it.
 */
export type Operation<Result, Variables> = string & {
  /** Carries the types alone; never there at run time. */
  readonly __types?: (variables: Variables) => Result;
};

const HASHED = /^#([0-9a-f]{64})\n/;

/**
 * The members of a request's body that say which document to run. The text goes along with its hash:
 * servers without a list of trusted documents run the text, and those with one look at the hash alone.
 */
export function documentParams(document: string): {
  readonly query: string;
  readonly extensions?: object;
} {
  const [head, sha256Hash] = HASHED.exec(document) ?? [];
  if (head === undefined) return { query: document };
  const extensions = { persistedQuery: { version: 1, sha256Hash } };
  return { query: document.slice(head.length), extensions };
}
