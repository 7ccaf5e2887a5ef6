import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import type { Config } from '../config.ts';
import { createLimits, limitError, MAX_ERRORS, OPERATION_LIMITS } from './operation-limits.ts';

/** The result of parsing and validating a document. If `errors` is empty, the document may be executed. */
type KnownDocument =
  | { readonly document: DocumentNode; readonly errors: readonly GraphQLError[] }
  | { readonly document: null; readonly errors: readonly [GraphQLError] };

/** Documents by their text. Each is parsed and validated once; afterwards its result is looked up. */
export type Documents = {
  /** Size limits come first, then the rules of GraphQL. */
  get(text: string): KnownDocument;
};

/** The memory that lets an operation seen before go straight to its execution. */
export function createDocuments(
  schema: GraphQLSchema,
  config: Pick<Config, 'introspection'>,
): Documents {
  const cache = createDocumentCache<KnownDocument>();
  const exceededLimits = createLimits(schema);
  const rules = config.introspection
    ? specifiedRules
    : [...specifiedRules, NoSchemaIntrospectionCustomRule];

  const errorsOf = (document: DocumentNode): readonly GraphQLError[] => {
    const limits = exceededLimits(document);
    if (limits.length > 0) return limits;
    // "Did you mean" would disclose the schema to clients that cannot introspect it (GQ-8).
    const options = { hideSuggestions: true, maxErrors: MAX_ERRORS };
    return oncePerMessage(validate(schema, document, rules, options));
  };

  const read = (text: string): KnownDocument => {
    const document = parseWithinLimits(text);
    if (document instanceof GraphQLError) return { document: null, errors: [document] };
    return { document, errors: errorsOf(document) };
  };

  return {
    get(text) {
      const known = cache.get(text);
      if (known) return known;
      const found = read(text);
      cache.set(text, found);
      return found;
    },
  };
}

function parseWithinLimits(text: string): DocumentNode | GraphQLError {
  try {
    return parse(text, { maxTokens: OPERATION_LIMITS.tokens });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    if (OUT_OF_TOKENS.test(error.message))
      return limitError(`at most ${OPERATION_LIMITS.tokens} tokens`);
    const { message, source, positions } = error;
    return new GraphQLError(message, {
      source,
      positions,
      extensions: { code: 'GRAPHQL_PARSE_FAILED' },
    });
  }
}

/** graphql-js has no class for this error. The whole message is compared: others quote the document. */
const OUT_OF_TOKENS = /^Syntax Error: Document contains more than \d+ tokens\. Parsing aborted\.$/;

/** One error for each message, with all its places: ten unknown directives are one mistake. */
function oncePerMessage(errors: readonly GraphQLError[]): readonly GraphQLError[] {
  return [...Map.groupBy(errors, ({ message }) => message)].map(([message, same]) => {
    const nodes = same.flatMap((error) => error.nodes ?? []);
    return new GraphQLError(message, {
      nodes,
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    });
  });
}

/** A cache of values by a document's text. */
export type DocumentCache<T> = {
  get(text: string): T | undefined;
  set(text: string, value: T): void;
};

/**
 * Remembers values by a document's text, up to a number of characters in total. Anybody can send
 * documents, and a parsed document takes some hundred times the memory of its text: if entries were
 * counted instead, a stranger could fill the memory (GQ-13).
 *
 * The oldest entry that was not read since the last eviction goes first ("second chance"). A read
 * moves nothing: a Map whose entries are deleted and added with every request is rehashed every few
 * requests (ADR-0024).
 */
export function createDocumentCache<T>(characters = 250_000): DocumentCache<T> {
  const entries = new Map<string, { readonly value: T; isUsed: boolean }>();
  let size = 0;

  const makeRoom = (newest: string) => {
    // An entry that is put back comes round again, then without its mark.
    for (const [text, entry] of entries) {
      if (size <= characters) return;
      if (text === newest) continue;
      entries.delete(text);
      if (entry.isUsed) entries.set(text, { ...entry, isUsed: false });
      else size -= text.length;
    }
  };

  return {
    get(text) {
      const entry = entries.get(text);
      if (entry) entry.isUsed = true;
      return entry?.value;
    },
    set(text, value) {
      if (!entries.delete(text)) size += text.length;
      entries.set(text, { value, isUsed: false });
      makeRoom(text);
    },
  };
}
