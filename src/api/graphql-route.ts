import type { Config } from '../config.ts';
import type { OperationContext } from './context.ts';
import { type HeaderReader, type HttpAnswer, type HttpRequest, json } from './exchange.ts';
import type { createFastLane } from './fast-lane.ts';
import { fromResponse, toRequest } from './fetch.ts';
import type { GraphqlServer } from './graphql-server.ts';
import type { FaultCode } from './mask-error.ts';
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
) {
  const mayGet = config.introspection || config.graphiql;
  const allow = mayGet ? 'GET, POST' : 'POST';
  const askYoga = async (request: HttpRequest, context: OperationContext) => {
    const yoga = await server();
    const asked = withoutStreams(toRequest(request, config.publicUrl));
    return fromResponse(await yoga.fetch(asked, context));
  };

  return async (request: HttpRequest, context: OperationContext): Promise<HttpAnswer> => {
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
    return await askYoga(request, context);
  };
}

/** What a whole answer can be asked for as. */
const WHOLE: ReadonlySet<string> = new Set([
  'application/json',
  'application/graphql-response+json',
  'application/*',
  '*/*',
  'text/html',
]);

/**
 * Leaves of what the client accepts only what is no stream: every answer is whole, and Yoga would
 * send even a single one as an event stream to who asks for it (GQ-15). Spaces are taken out first,
 * as Yoga does. Who accepts nothing else is told 406.
 */
function withoutStreams(request: Request): Request {
  const accepted = request.headers.get('accept')?.split(',') ?? [];
  const whole = accepted.filter((type) => WHOLE.has(mediaTypeOf(type)));
  if (whole.length === accepted.length) return request;
  const headers = new Headers(request.headers);
  headers.set('accept', whole.length > 0 ? whole.join(',') : 'application/x-none');
  return new Request(request, { headers });
}

function mediaTypeOf(range: string): string {
  return (range.split(';')[0] ?? '').replace(/\s/g, '').toLowerCase();
}

/** An encoded body would grow after it was measured (HT-5). */
function isPlainJson(headers: HeaderReader): boolean {
  const encoding = headers.get('content-encoding');
  if (encoding !== null && encoding.toLowerCase() !== 'identity') return false;
  const [type = '', ...parameters] = (headers.get('content-type') ?? '')
    .split(';')
    .map((part) => part.trim().toLowerCase());
  const isUtf8 = parameters
    .filter((parameter) => parameter.startsWith('charset='))
    .every((parameter) => /^charset="?utf-8"?$/.test(parameter));
  return type === 'application/json' && isUtf8;
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
