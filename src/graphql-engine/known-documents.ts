import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  type ParseOptions,
  parse,
  type Source,
  specifiedRules,
  validate,
} from 'graphql';
import type { Config } from '../config.ts';
import { createDocumentCache, type DocumentCache } from './document-cache.ts';
import { createLimits, limitError, MAX_ERRORS, OPERATION_LIMITS } from './operation-limits.ts';

/** Documents by their text, and what was found of them. One judgement, whoever asks for it. */
export type KnownDocuments = {
  /** What was parsed, good or not; bounded. */
  readonly parsed: DocumentCache<DocumentNode>;
  /** What Yoga could not parse, and why; bounded. */
  readonly unreadable: DocumentCache<Error>;
  /** @throws GraphQLError for a syntax error, and for more tokens than are looked at (GQ-6) */
  parse(source: string | Source, options?: ParseOptions): DocumentNode;
  /** What is wrong with a document: its size first, then the rules of GraphQL. Empty when nothing. */
  judge(document: DocumentNode): readonly GraphQLError[];
  /** The document of a text, ready to be executed; undefined when anything is wrong with it. */
  approved(text: string): DocumentNode | undefined;
};

/** The memory that lets an operation seen before go straight to its execution. */
export function createKnownDocuments(
  schema: GraphQLSchema,
  config: Pick<Config, 'introspection'>,
): KnownDocuments {
  const parsed = createDocumentCache<DocumentNode>();
  const unreadable = createDocumentCache<Error>();
  const judged = new WeakMap<DocumentNode, readonly GraphQLError[]>();
  const tooLarge = createLimits(schema);
  const rules = config.introspection
    ? specifiedRules
    : [...specifiedRules, NoSchemaIntrospectionCustomRule];

  const judge = (document: DocumentNode) => {
    const known = judged.get(document);
    if (known) return known;
    const limits = tooLarge(document);
    const errors =
      limits.length > 0
        ? limits
        : // "Did you mean" tells the schema to whoever has none (GQ-8).
          oncePerMessage(
            validate(schema, document, rules, { hideSuggestions: true, maxErrors: MAX_ERRORS }),
          );
    judged.set(document, errors);
    return errors;
  };

  const documentOf = (text: string) => {
    const known = parsed.get(text);
    if (known) return known;
    const document = parseWithinLimits(text);
    parsed.set(text, document);
    return document;
  };

  return {
    parsed,
    unreadable,
    parse: parseWithinLimits,
    judge,
    approved(text) {
      if (unreadable.get(text)) return undefined;
      try {
        const document = documentOf(text);
        return judge(document).length === 0 ? document : undefined;
      } catch (error) {
        // Yoga parses it once more: its hooks give the error its code, and then remember it.
        if (error instanceof GraphQLError) return undefined;
        throw error;
      }
    },
  };
}

function parseWithinLimits(source: string | Source, options?: ParseOptions): DocumentNode {
  try {
    return parse(source, { ...options, maxTokens: OPERATION_LIMITS.tokens });
  } catch (error) {
    throw isOutOfTokens(error) ? limitError(`at most ${OPERATION_LIMITS.tokens} tokens`) : error;
  }
}

/** One error for each message, with all its places: ten unknown directives are one mistake. */
function oncePerMessage(errors: readonly GraphQLError[]): readonly GraphQLError[] {
  return [...Map.groupBy(errors, ({ message }) => message).values()].flatMap(([first, ...more]) => {
    if (!first || more.length === 0) return first ?? [];
    const nodes = [first, ...more].flatMap((error) => error.nodes ?? []);
    return [new GraphQLError(first.message, { nodes, extensions: first.extensions })];
  });
}

/** graphql-js has no class for this error. The whole message is compared: others quote the document. */
const OUT_OF_TOKENS = /^Syntax Error: Document contains more than \d+ tokens\. Parsing aborted\.$/;

function isOutOfTokens(error: unknown): boolean {
  return error instanceof GraphQLError && OUT_OF_TOKENS.test(error.message);
}
