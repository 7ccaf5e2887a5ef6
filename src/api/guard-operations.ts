import {
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  parse,
  validate,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Config } from '../config.ts';
import type { OperationContext } from './context.ts';
import type { KnownDocuments } from './known-documents.ts';
import {
  createLimits,
  limitError,
  MAX_ERRORS,
  OPERATION_LIMITS,
  oversizedParams,
} from './operation-limits.ts';
import { runOperation } from './run-operation.ts';

/**
 * Judges every operation by its size before anything is done with it, and runs graphql-js with its
 * hints off: "Did you mean" tells the schema to whoever has none (GQ-6, GQ-8).
 */
export function guardOperations(
  schema: GraphQLSchema,
  config: Pick<Config, 'introspection'>,
  documents: KnownDocuments,
): Plugin<OperationContext> {
  const judge = createLimits(schema);
  return {
    onParams({ params }) {
      const refusal = oversizedParams(params);
      if (refusal) throw refusal;
    },
    onParse({ setParseFn }) {
      setParseFn((source, options) => {
        try {
          return parse(source, { ...options, maxTokens: OPERATION_LIMITS.tokens });
        } catch (error) {
          throw isOutOfTokens(error)
            ? limitError(`at most ${OPERATION_LIMITS.tokens} tokens`)
            : error;
        }
      });
    },
    onValidate({ params, setResult, setValidationFn, addValidationRule }) {
      const errors = judge(params.documentAST);
      if (errors.length > 0) return setResult(errors);
      if (!config.introspection) addValidationRule(NoSchemaIntrospectionCustomRule);
      setValidationFn((against, document, rules) =>
        validate(against, document, rules, { hideSuggestions: true, maxErrors: MAX_ERRORS }),
      );
      return ({ valid }) => {
        if (valid) documents.approve(params.documentAST);
      };
    },
    onExecute({ setExecuteFn }) {
      setExecuteFn(runOperation);
    },
  };
}

/** graphql-js has no class for it: the parser's own words are all there is. */
function isOutOfTokens(error: unknown): boolean {
  return error instanceof GraphQLError && error.message.includes('tokens. Parsing aborted');
}
