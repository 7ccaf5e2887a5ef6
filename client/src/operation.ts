/**
 * A GraphQL document with one root field, together with the types of its result and its variables. The value is
 * the document's text, so any GraphQL client can send it. Its first line is a comment with the SHA-256 of the
 * rest, which identifies the document to a server with TRUSTED_DOCUMENTS.
 */
export type Operation<Result, Variables> = string & {
  /** Only carries the types; never present at run time. */
  readonly __types?: (variables: Variables) => Result;
};

const HASHED = /^#([0-9a-f]{64})\n/;

/**
 * The members of a request body that identify the document. The body contains both the text and its hash: a
 * server without a list of trusted documents uses the text, a server with one uses only the hash.
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
