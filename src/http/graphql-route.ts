import type { Config } from '../config.ts';
import type { createFastLane } from '../graphql-engine/fast-lane.ts';
import type { GraphqlServer } from '../graphql-engine/graphql-server.ts';
import type { FaultCode } from '../graphql-engine/mask-error.ts';
import type { OperationContext } from './context.ts';
import { type HeaderReader, type HttpAnswer, type HttpRequest, json } from './exchange.ts';
import { fromResponse, toRequest } from './fetch.ts';
import { asksForPage, createGraphiqlPage } from './graphiql-page.ts';
import type { Route } from './handler.ts';
import { isFromElsewhere } from './origin.ts';

/**
 * The door of /graphql. Operations come as POST with a JSON body and as nothing else: a form, a text
 * or a multipart body is what a page of another origin can send without asking (GQ-2).
 *
 * Queries by GET are for tools and exist where introspection does. None of them can do anything with
 * a cookie, and none that a page of another origin caused is answered (GQ-3).
 *
 * @param server is asked for when it is first needed
 * @param fastLane null leaves every operation to Yoga
 */
export function createGraphqlRoute(
  config: Config,
  server: () => Promise<GraphqlServer>,
  fastLane: ReturnType<typeof createFastLane> | null,
): Route {
  const mayGet = config.introspection || config.graphiql;
  const allow = mayGet ? 'GET, POST' : 'POST';
  const graphiqlPage = createGraphiqlPage(config);
  const askYoga = async (request: HttpRequest, context: OperationContext) => {
    const yoga = await server();
    const asked = forYoga(toRequest(request, config.publicUrl));
    return fromResponse(await yoga.fetch(asked, context));
  };

  return {
    takesBody: ({ method, headers }) => method === 'POST' && isPlainJson(headers),
    answer: async (request, context) => {
      const { method, target, headers } = request;
      const { requestId } = context.client;
      if (method === 'POST') {
        if (!isPlainJson(headers)) return notPlainJson(requestId);
        return (await fastLane?.(request, context)) ?? (await askYoga(request, context));
      }
      const isRead = method === 'GET' || method === 'HEAD';
      if (!isRead || !mayGet) return wrongMethod(requestId, allow);
      if (target.includes('?') && isFromElsewhere(config, headers))
        return wrongMethod(requestId, allow);
      if (config.graphiql && asksForPage(request)) return await graphiqlPage();
      return await askYoga(request, context);
    },
  };
}

const JSON_TYPE = 'application/json';

/** What a whole answer can be asked for as. */
const WHOLE: ReadonlySet<string> = new Set([
  JSON_TYPE,
  'application/graphql-response+json',
  'application/*',
  '*/*',
  'text/html',
]);

/**
 * The request in the words that Yoga compares. A body that was taken for JSON is called so, since Yoga
 * tells `Application/JSON` from it, and answers without a body.
 *
 * Of what the client accepts only what is no stream is left: every answer is whole, and Yoga would
 * send even a single one as an event stream to who asks for it (GQ-15). Spaces are taken out first, as
 * Yoga does. Who accepts nothing else is told 406.
 */
function forYoga(request: Request): Request {
  const type = request.headers.get('content-type');
  const accepted = request.headers.get('accept')?.split(',') ?? [];
  const whole = accepted.filter((range) => WHOLE.has(mediaTypeOf(range)));
  const isWorded = type === null || type === JSON_TYPE;
  if (whole.length === accepted.length && isWorded) return request;
  const headers = new Headers(request.headers);
  if (accepted.length > 0)
    headers.set('accept', whole.length > 0 ? whole.join(',') : 'application/x-none');
  if (request.method === 'POST') headers.set('content-type', JSON_TYPE);
  return new Request(request, { headers });
}

function mediaTypeOf(range: string): string {
  return (range.split(';')[0] ?? '').replace(/\s/g, '').toLowerCase();
}

/** An encoded body would grow after it was measured (HT-5). */
function isPlainJson(headers: HeaderReader): boolean {
  const encoding = headers.get('content-encoding');
  if (encoding !== null && encoding.toLowerCase() !== 'identity') return false;
  const given = headers.get('content-type');
  if (given === JSON_TYPE) return true;
  // Names of types and parameters have no case (RFC 9110 8.3.1).
  const [type, ...parameters] = (given ?? '').split(';').map((part) => part.trim().toLowerCase());
  return type === JSON_TYPE && parameters.every(isNoOtherCharset);
}

/**
 * JSON is UTF-8, and `charset` adds nothing to it (RFC 8259 11). Only a request that says it is
 * something else is not read: `utf8` and the other names of UTF-8 are not something else.
 */
function isNoOtherCharset(parameter: string): boolean {
  const [, label] = /^charset="?([^"]*)"?$/.exec(parameter) ?? [];
  if (label === undefined) return !parameter.startsWith('charset=');
  try {
    return new TextDecoder(label).encoding === 'utf-8';
  } catch {
    return false;
  }
}

function notPlainJson(requestId: string): HttpAnswer {
  const message = 'Send application/json, in UTF-8, not encoded.';
  return json(refusal('UNSUPPORTED_MEDIA_TYPE', message, requestId), { status: 415 });
}

function wrongMethod(requestId: string, allow: string): HttpAnswer {
  const body = refusal('METHOD_NOT_ALLOWED', 'Send operations with POST.', requestId);
  return json(body, { status: 405, headers: { allow } });
}

function refusal(code: FaultCode, message: string, requestId: string) {
  return { errors: [{ message, extensions: { code, requestId } }] };
}
