import { type ExecutionResult, type GraphQLError, getOperationAST } from 'graphql';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import type { Config } from '../config.ts';
import type { RequestContext } from '../graphql/context.ts';
import type { Log } from '../kernel/ports.ts';
import { createDocumentCache } from './document-cache.ts';
import { STARTER_TABS } from './graphiql-tabs.ts';
import { guardOperations } from './guard-operations.ts';
import { maskError } from './mask-error.ts';
import { type FieldOutcome, observeOutcomes } from './observe-outcomes.ts';
import { createSchema } from './schema.ts';
import { onlyTrustedDocuments, type TrustedDocuments } from './trusted-documents.ts';

/** What the HTTP layer hands to the GraphQL layer, one object a request. */
export type GraphqlRequest = {
  readonly context: RequestContext;
  /** Filled in as the operation runs, for the request log. */
  readonly observed: {
    operation: string | null;
    outcomes: FieldOutcome[];
    userId: string | null;
  };
};

export type GraphqlServer = YogaServerInstance<GraphqlRequest, GraphqlRequest>;

/**
 * The GraphQL half of the server: Yoga with everything off that this API does not need.
 *
 * @param trusted the only documents to execute; null executes any
 */
export function createGraphqlServer(
  config: Config,
  log: Log,
  trusted: TrustedDocuments | null = null,
): GraphqlServer {
  const schema = observeOutcomes(createSchema(), (context, outcome) => {
    (context as GraphqlRequest).observed.outcomes.push(outcome);
  });
  return createYoga<GraphqlRequest, GraphqlRequest>({
    schema,
    graphqlEndpoint: '/graphql',
    context: (initial) => ({ ...initial.context, ...initial }),
    logging: false,
    landingPage: false,
    multipart: false,
    cors: false,
    maskedErrors: false,
    batching: false,
    extraParamNames: trusted ? ['documentId'] : [],
    parserAndValidationCache: {
      documentCache: createDocumentCache(),
      errorCache: createDocumentCache(),
    },
    graphiql: config.graphiql
      ? {
          title: `${config.appName} GraphiQL`,
          defaultTabs: STARTER_TABS,
          shouldPersistHeaders: true,
        }
      : false,
    renderGraphiQL: async (options) => {
      const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
      return renderGraphiQL(options);
    },
    plugins: [
      maskErrors(log),
      ...(trusted ? [onlyTrustedDocuments(trusted)] : []),
      guardOperations(schema, config),
      observeOperation(),
    ],
  });
}

/** The last hook before bytes: nothing leaves without having passed it (GQ-10). */
function maskErrors(log: Log): Plugin<GraphqlRequest, GraphqlRequest> {
  return {
    onResultProcess({ request, result, setResult, serverContext }) {
      if (Array.isArray(result) || !('errors' in result) || !result.errors) return;
      const { requestId } = serverContext.context.client;
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

function observeOperation(): Plugin<GraphqlRequest, GraphqlRequest> {
  return {
    onExecute({ args }) {
      const operation = getOperationAST(args.document, args.operationName);
      if (!operation) return;
      // The name is the client's text: bounded, so that it cannot fill the log (GQ-16).
      const name = operation.name?.value.slice(0, 64);
      args.contextValue.observed.operation = name ?? operation.operation;
    },
  };
}
