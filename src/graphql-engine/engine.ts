import { type ExecutionResult, GraphQLError, type GraphQLSchema, getOperationAST } from 'graphql';
import type { Config } from '../config.ts';
import type { OperationContext } from './context.ts';
import { createDocuments } from './documents.ts';
import { executeOperation } from './execute.ts';
import type { FaultCode } from './faults.ts';
import { exceededParams } from './operation-limits.ts';
import { loneHash, type TrustedDocuments, trustedQuery } from './trusted-documents.ts';

/** The members of a request (GraphQL over HTTP, 5.1). */
export type OperationParams = {
  readonly query?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly operationName?: string | null | undefined;
};

/**
 * The GraphQL engine: everything between a request's members and its result. It knows no HTTP; both
 * doors, the direct path and Yoga, only read requests for it and send what `respond` writes.
 */
export type Engine = {
  readonly schema: () => GraphQLSchema | Promise<GraphQLSchema>;
  /** Names of members that a request may have besides `query`, `variables`, `operationName`, `extensions`. */
  readonly extraParams: readonly string[];
  /**
   * The members to run: with a list of trusted documents the query comes from the list (GQ-13).
   *
   * @returns the error if the members exceed a limit (GQ-6), or name no document
   */
  resolve(params: OperationParams): OperationParams | GraphQLError;
  /**
   * Runs an operation. Every failure is among the errors of the result; the promise never rejects.
   *
   * @param options.onlyQueries GET must be safe: it runs no mutation (GraphQL over HTTP, 6.2)
   */
  run(
    params: OperationParams,
    context: OperationContext,
    options?: { readonly onlyQueries: boolean },
  ): Promise<ExecutionResult>;
};

const ANY = { onlyQueries: false };

/** @param options.trusted the only documents to execute; null executes any */
export function createEngine(options: {
  readonly schema: GraphQLSchema;
  readonly trusted: TrustedDocuments | null;
  readonly config: Pick<Config, 'introspection'>;
}): Engine {
  const { schema, trusted, config } = options;
  const documents = createDocuments(schema, config);
  return {
    schema: () => schema,
    extraParams: trusted ? ['documentId'] : [],
    resolve(params) {
      const resolved = trusted ? trustedParams(trusted, params) : (loneHash(params) ?? params);
      return resolved instanceof GraphQLError ? resolved : (exceededParams(resolved) ?? resolved);
    },
    async run({ query, variables, operationName }, context, { onlyQueries } = ANY) {
      if (typeof query !== 'string') return failed('BAD_REQUEST');
      const { document, errors } = documents.get(query);
      if (!document) return { errors };
      const operation = getOperationAST(document, operationName);
      if (!operation) return failed('OPERATION_RESOLUTION_FAILURE');
      if (onlyQueries && operation.operation !== 'query') return { errors: [onlyPost()] };
      if (errors.length > 0) return { errors };
      const request = { schema, document, operation, operationName, context };
      try {
        return await executeOperation({ ...request, variableValues: variables ?? {} });
      } catch (error) {
        return { errors: [asGraphqlError(error)] };
      }
    },
  };
}

/**
 * An engine that is built for its first operation, for a schema that most servers are never asked about. It executes
 * any document.
 */
export function createLazyEngine(build: () => Promise<Engine>): Engine {
  let built: Promise<Engine> | undefined;
  const engine = () => {
    built ??= build();
    return built;
  };
  return {
    schema: async () => (await engine()).schema(),
    extraParams: [],
    resolve: (params) => loneHash(params) ?? exceededParams(params) ?? params,
    run: async (...operation) => (await engine()).run(...operation),
  };
}

function trustedParams(
  trusted: TrustedDocuments,
  params: OperationParams,
): OperationParams | GraphQLError {
  const query = trustedQuery(trusted, params);
  if (query instanceof GraphQLError) return query;
  const { operationName, variables } = params;
  return {
    query,
    ...(operationName !== undefined && { operationName }),
    ...(variables !== undefined && { variables }),
  };
}

/** The message is fixed later, by the code (`faultOf`). */
function failed(code: FaultCode): ExecutionResult {
  return { errors: [new GraphQLError(code, { extensions: { code } })] };
}

function onlyPost(): GraphQLError {
  const code: FaultCode = 'METHOD_NOT_ALLOWED';
  return new GraphQLError('Send mutations with POST.', {
    extensions: { code, http: { status: 405 } },
  });
}

function asGraphqlError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const originalError = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(originalError.message, { originalError });
}
