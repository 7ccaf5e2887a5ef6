import {
  type ExecutionArgs,
  execute,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  parse,
  validate,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Config } from '../config.ts';
import type { RequestContext } from '../graphql/context.ts';
import { createLimits, isTooDeep, limitError, OPERATION_LIMITS } from './operation-limits.ts';

/**
 * Errors beyond these add nothing for a person and only make the answer larger; graphql-js counts to
 * 100 by itself.
 */
const MAX_ERRORS = 10;

/**
 * Judges every operation by its size before anything is done with it, and runs graphql-js with its
 * hints off: "Did you mean" tells the schema to whoever has none (GQ-6, GQ-8).
 */
export function guardOperations(
  schema: GraphQLSchema,
  config: Pick<Config, 'introspection'>,
): Plugin<RequestContext> {
  const judge = createLimits(schema);
  return {
    onParams({ params }) {
      const { query, operationName, variables } = params;
      if (typeof query === 'string' && query.length > OPERATION_LIMITS.documentLength) {
        throw limitError(`at most ${OPERATION_LIMITS.documentLength} characters`);
      }
      if (
        typeof operationName === 'string' &&
        operationName.length > OPERATION_LIMITS.operationName
      )
        throw limitError(`its name has at most ${OPERATION_LIMITS.operationName} characters`);
      if (isTooDeep(variables)) throw limitError('its variables go too deep');
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
    },
    onExecute({ args, setExecuteFn }) {
      const { signal } = args.contextValue;
      setExecuteFn((wanted: ExecutionArgs) =>
        whicheverFirst(signal, () =>
          execute({ ...wanted, hideSuggestions: true, options: { maxCoercionErrors: MAX_ERRORS } }),
        ),
      );
    },
  };
}

/**
 * Ends the wait when the time is over or nobody is left to answer (GQ-14). What is running goes on
 * to its own end: the database's calls have limits of their own.
 */
async function whicheverFirst<T>(signal: AbortSignal, work: () => T | Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work(), stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** graphql-js has no class for it: the parser's own words are all there is. */
function isOutOfTokens(error: unknown): boolean {
  return error instanceof GraphQLError && error.message.includes('tokens. Parsing aborted');
}
