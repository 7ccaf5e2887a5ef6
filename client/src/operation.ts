/**
 * A GraphQL document with one root field, with the types of its result and its variables. The value is the
 * text of the document, so any GraphQL client can send it. The first line of the text is a comment with the
 * SHA-256 of the remaining text. A server with TRUSTED_DOCUMENTS identifies the document by this hash.
 */
export type Operation<Result, Variables> = string & {
  /** Only for the types. The property does not exist at run time. */
  readonly __types?: (variables: Variables) => Result;
};

const HASHED = /^#([0-9a-f]{64})\n/;

/**
 * The members of a request body that identify the document. The body contains both the text and the hash: a
 * server with a list of trusted documents uses only the hash, and every other server uses the text.
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
