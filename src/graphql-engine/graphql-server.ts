import type { ExecutionResult, GraphQLError, GraphQLSchema } from 'graphql';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import type { OperationContext } from '../http/context.ts';
import type { Log } from '../kernel/ports.ts';
import { guardOperations } from './guard-operations.ts';
import type { KnownDocuments } from './known-documents.ts';
import { maskError } from './mask-error.ts';
import { onlyTrustedDocuments, type TrustedDocuments } from './trusted-documents.ts';

/** Yoga, with what this server hands to each operation. */
export type GraphqlServer = YogaServerInstance<OperationContext, OperationContext>;

/** What is executed: the schema, what is known of documents, and which alone are taken. */
export type Operations = {
  readonly schema: GraphQLSchema;
  readonly documents: KnownDocuments;
  /** The only documents to execute; null executes any. */
  readonly trusted: TrustedDocuments | null;
};

/** The GraphQL half of the server: Yoga with everything off that this API does not need. */
export function createGraphqlServer(
  log: Log,
  { schema, documents, trusted }: Operations,
): GraphqlServer {
  return createYoga<OperationContext, OperationContext>({
    schema,
    graphqlEndpoint: '/graphql',
    logging: false,
    landingPage: false,
    multipart: false,
    cors: false,
    maskedErrors: false,
    batching: false,
    extraParamNames: trusted ? ['documentId'] : [],
    parserAndValidationCache: {
      documentCache: documents.parsed,
      errorCache: documents.unreadable,
      validationCache: false,
    },
    graphiql: false,
    plugins: [
      maskErrors(log),
      ...(trusted ? [onlyTrustedDocuments(trusted)] : []),
      guardOperations(documents),
    ],
  });
}

/** The last hook before bytes: nothing leaves without having passed it (GQ-10). */
function maskErrors(log: Log): Plugin<OperationContext, OperationContext> {
  return {
    onResultProcess({ request, result, setResult, serverContext }) {
      if (Array.isArray(result) || !('errors' in result) || !result.errors) return;
      const { requestId } = serverContext.client;
      const asksForJson = request.headers.get('accept')?.includes('application/json') ?? false;
      const { data, errors } = result as ExecutionResult;
      setResult({
        ...(data !== undefined && { data }),
        errors: (errors ?? []).map((error: GraphQLError) =>
          maskError(error, { log, requestId, asksForJson }),
        ),
      });
    },
  };
}
