import type { Config } from '../config.ts';
import type { GraphqlRequest, GraphqlServer } from './graphql-server.ts';
import type { FaultCode } from './mask-error.ts';
import { isFromElsewhere } from './origin.ts';

/**
 * The door of /graphql. Operations come as POST with a JSON body and as nothing else: a form, a text
 * or a multipart body is what a page of another origin can send without asking (GQ-2).
 *
 * Queries by GET are for tools and exist where introspection does. None of them can do anything with
 * a cookie, and none that a page of another origin caused is answered (GQ-3).
 */
export function createGraphqlRoute(config: Config, server: GraphqlServer) {
  const mayGet = config.introspection || config.graphiql;
  const allowed = mayGet ? 'GET, POST' : 'POST';
  return async (received: Request, state: GraphqlRequest): Promise<Response> => {
    const request = withoutStreams(received);
    const refuse = (code: FaultCode, status: number, message: string) =>
      refusal({ code, status, message, allow: allowed }, state.context.client.requestId);
    if (request.method === 'POST') {
      if (!isPlainJson(request.headers)) {
        return refuse(
          'UNSUPPORTED_MEDIA_TYPE',
          415,
          'Send application/json, in UTF-8, not encoded.',
        );
      }
      return await server.fetch(request, state);
    }
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead || !mayGet) {
      return refuse('METHOD_NOT_ALLOWED', 405, 'Send operations with POST.');
    }
    if (new URL(request.url).search !== '' && isFromElsewhere(config, request.headers)) {
      return refuse('METHOD_NOT_ALLOWED', 405, 'Send operations with POST.');
    }
    return await server.fetch(request, state);
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
function isPlainJson(headers: Headers): boolean {
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

function refusal(
  about: {
    readonly code: FaultCode;
    readonly status: number;
    readonly message: string;
    readonly allow: string;
  },
  requestId: string,
): Response {
  const { code, status, message } = about;
  return Response.json(
    { errors: [{ message, extensions: { code, requestId } }] },
    { status, headers: status === 405 ? { allow: about.allow } : {} },
  );
}
