import type { Config } from '../config.ts';
import type { OperationContext } from '../graphql-engine/context.ts';
import type { Engine } from '../graphql-engine/engine.ts';
import type { FaultCode } from '../graphql-engine/faults.ts';
import { responseFormat } from '../graphql-engine/respond.ts';
import { createDirectPath, type Door } from './direct-path.ts';
import {
  type HeaderReader,
  type HttpRequest,
  type HttpResponse,
  json,
  type RequestHead,
} from './exchange.ts';
import { createGraphiqlPage } from './graphiql.ts';
import { starterTabs, type Tab } from './graphiql-tabs.ts';
import { isFromElsewhere } from './origins.ts';

/**
 * Creates the steps of a path where operations are executed, which src/http/routes.ts lists in order. Operations are accepted only as
 * POST with a JSON body, because a page of another origin can send a form, a text or a multipart body without
 * a preflight (GQ-2).
 *
 * Queries by GET are for tools and are accepted only if introspection or GraphiQL is on. A GET query cannot
 * use a cookie, and it is not answered if a page of another origin caused it (GQ-3).
 *
 * @param options.tabs the first tabs of GraphiQL
 * @param options.directPath if false, Yoga handles every operation; clients must not notice any difference
 */
export function createGraphqlSteps(
  config: Config,
  engine: Engine,
  {
    directPath = true,
    path = '/graphql',
    tabs = starterTabs,
  }: {
    readonly directPath?: boolean;
    readonly path?: string;
    readonly tabs?: () => readonly Tab[];
  } = {},
) {
  const mayGet = config.introspection || config.graphiql;
  const allow = mayGet ? 'GET, POST' : 'POST';
  const graphiqlPage = createGraphiqlPage({ ...config, path, tabs });
  const direct = directPath ? createDirectPath(engine) : null;
  const yoga = createLazyYoga(engine, config.publicUrl, path);
  const isRead = ({ method }: RequestHead) => mayGet && method === 'GET';
  return {
    takesBody: ({ method, headers }: RequestHead) => method === 'POST' && isPlainJson(headers),
    requireMethod: (request: HttpRequest, { client }: OperationContext) =>
      request.method === 'POST' || isRead(request)
        ? null
        : methodNotAllowed(client.requestId, allow),
    rejectForeignRead: (request: HttpRequest, { client }: OperationContext) =>
      isRead(request) && request.target.includes('?') && isFromElsewhere(config, request.headers)
        ? methodNotAllowed(client.requestId, allow)
        : null,
    requirePlainJson: ({ method, headers }: HttpRequest, { client }: OperationContext) =>
      method === 'POST' && !isPlainJson(headers) ? notPlainJson(client.requestId) : null,
    graphiqlPage: (request: HttpRequest) =>
      config.graphiql && asksForPage(request) ? graphiqlPage() : null,
    runOperation: async (request: HttpRequest, context: OperationContext) => {
      const format = responseFormat(request.headers.get('accept'));
      if (!format) return NOT_ACCEPTABLE;
      const answer = request.method === 'POST' && (await direct?.(request, context, format));
      return answer || (await yoga(request, context, format));
    },
  };
}

/** Yoga is loaded for the first request that the direct path leaves: most servers never see one (ADR-0012). */
function createLazyYoga(engine: Engine, origin: string, path: string): Door {
  let door: Promise<Door> | undefined;
  const load = async () => {
    const { createYogaDoor } = await import('./yoga.ts');
    return createYogaDoor(engine, origin, path);
  };
  return async (request, context, format) => {
    door ??= load();
    return (await door)(request, context, format);
  };
}

/** True for a browser that opens /graphql. */
function asksForPage({ method, headers }: RequestHead): boolean {
  return method === 'GET' && (headers.get('accept')?.includes('text/html') ?? false);
}

const JSON_TYPE = 'application/json';

/** An encoded body would grow after it was measured (HT-5). */
function isPlainJson(headers: HeaderReader): boolean {
  const encoding = headers.get('content-encoding');
  if (encoding !== null && encoding.toLowerCase() !== 'identity') return false;
  const given = headers.get('content-type');
  if (given === JSON_TYPE) return true;
  // Names of types and parameters have no case (RFC 9110 8.3.1).
  const [type, ...parameters] = (given ?? '').split(';').map((part) => part.trim().toLowerCase());
  return type === JSON_TYPE && parameters.every(isUtf8);
}

/**
 * JSON is UTF-8, and `charset` adds nothing to it (RFC 8259 11). Only a body that claims another
 * charset is not read. `utf8` and the other names of UTF-8 are no other charset.
 */
function isUtf8(parameter: string): boolean {
  const [, label] = /^charset="?([^"]*)"?$/.exec(parameter) ?? [];
  if (label === undefined) return !parameter.startsWith('charset=');
  try {
    return new TextDecoder(label).encoding === 'utf-8';
  } catch {
    return false;
  }
}

const NOT_ACCEPTABLE: HttpResponse = Object.freeze({
  status: 406,
  headers: { accept: 'application/graphql-response+json, application/json' },
  body: null,
});

function notPlainJson(requestId: string): HttpResponse {
  const message = 'Send application/json, in UTF-8, not encoded.';
  return json(errorBody('UNSUPPORTED_MEDIA_TYPE', message, requestId), { status: 415 });
}

function methodNotAllowed(requestId: string, allow: string): HttpResponse {
  const body = errorBody('METHOD_NOT_ALLOWED', 'Send operations with POST.', requestId);
  return json(body, { status: 405, headers: { allow } });
}

function errorBody(code: FaultCode, message: string, requestId: string) {
  return { errors: [{ message, extensions: { code, requestId } }] };
}
