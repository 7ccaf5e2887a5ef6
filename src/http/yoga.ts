import { GraphQLError } from 'graphql';
import { createYoga, type GraphQLParams, type Plugin } from 'graphql-yoga';
import type { OperationContext } from '../graphql-engine/context.ts';
import type { Engine } from '../graphql-engine/engine.ts';
import { type ResponseFormat, respond } from '../graphql-engine/respond.ts';
import type { Door } from './direct-path.ts';
import type { HttpRequest } from './exchange.ts';
import { fromResponse, toRequest } from './fetch.ts';

/** The values that Yoga passes from the door to the plugin below. */
type Exchange = { readonly operation: OperationContext; readonly format: ResponseFormat };

/**
 * An adapter that executes requests with Yoga if the direct path does not handle them: GET requests, and
 * malformed bodies, whose members Yoga checks. All features of Yoga that this API does not need are off.
 *
 * @param origin replaces the Host header, which the caller controls (PR-2)
 * @param path the path of the route
 */
export function createYogaDoor(engine: Engine, origin: string, path: string): Door {
  const yoga = createYoga<Exchange>({
    schema: () => engine.schema(),
    graphqlEndpoint: path,
    logging: false,
    landingPage: false,
    multipart: false,
    cors: false,
    maskedErrors: false,
    batching: false,
    extraParamNames: [...engine.extraParams],
    parserAndValidationCache: false,
    graphiql: false,
    plugins: [runsInEngine(engine)],
  });
  return async (request, operation, format) =>
    fromResponse(await yoga.fetch(asYogaRequest(request, origin, format), { operation, format }));
}

/** Leaves to Yoga the reading of a request alone: the engine runs the operation and writes its result. */
function runsInEngine(engine: Engine): Plugin<Exchange, Exchange> {
  return {
    onParams({ params, setParams, setParamsHandler }) {
      const resolved = engine.resolve(params);
      if (resolved instanceof GraphQLError) throw resolved;
      // Yoga checks the type of each member after this hook.
      if (resolved !== params) setParams(resolved as GraphQLParams);
      setParamsHandler(({ params: checked, request, context }) =>
        engine.run(checked, context.operation, { onlyQueries: request.method === 'GET' }),
      );
    },
    onResultProcess({ result, serverContext: { operation, format }, setResultProcessor }) {
      if (Array.isArray(result) || Symbol.asyncIterator in result)
        throw new TypeError('one result');
      setResultProcessor((_, { Response }) => {
        const { status, contentType, body } = respond(result, format, operation);
        const allow = status === 405 && { allow: 'POST' };
        return new Response(body, { status, headers: { 'content-type': contentType, ...allow } });
      }, format.type);
    },
  };
}

/**
 * The request with the headers that Yoga expects: Yoga compares `application/json` with its case, and
 * answers `Application/JSON` without a body. The route has already checked both headers.
 */
function asYogaRequest(request: HttpRequest, origin: string, { type }: ResponseFormat): Request {
  const asked = toRequest(request, origin);
  asked.headers.set('accept', type);
  if (request.method === 'POST') asked.headers.set('content-type', 'application/json');
  return asked;
}
