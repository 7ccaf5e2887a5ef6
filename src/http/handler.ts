import type { Config } from '../config.ts';
import { asOneRequest } from '../db/request-time.ts';
import type { Deps } from '../deps.ts';
import { createOperationContext, type OperationContext } from '../graphql-engine/context.ts';
import { createDeadline } from '../graphql-engine/deadline.ts';
import { newId } from '../kernel/id.ts';
import { clientOf, requestIdOf } from './client.ts';
import {
  type Handler,
  type HttpRequest,
  type HttpResponse,
  json,
  pathOf,
  type Step,
} from './exchange.ts';
import type { RequestList } from './routes.ts';
import { createTokenCookies } from './token-cookies.ts';

/**
 * Runs each request through the list: the steps before every route, the route's own, those after.
 *
 * @param config the settings of the listener, if they differ from the server's
 */
export function createHandler(
  deps: Deps,
  list: RequestList,
  config: Config = deps.config,
): Handler {
  const { trustedProxyHops } = config;
  return async (request) => {
    const startedAt = performance.now();
    const { headers, remoteAddress, connection } = request;
    const requestId = requestIdOf(headers, () => newId(deps));
    const client = clientOf(headers, { remoteAddress, trustedProxyHops }, requestId);
    const cookies = createTokenCookies(config, headers);
    const deadline = createDeadline(connection);
    const context = createOperationContext(deps, {
      authorization: headers.get('authorization'),
      client,
      deadline,
      refreshCookie: cookies.refresh,
      deviceCookie: cookies.device,
    });
    const answer = await asOneRequest(deps.db, () => answerOf(list, request, context));
    deadline.cancel();
    const answered = { request, context, cookies, startedAt };
    const added: Record<string, string | readonly string[]> = {};
    for (const [, run] of list.after) Object.assign(added, run(answer, answered));
    return { status: answer.status, body: answer.body, headers: added };
  };
}

async function answerOf(
  { before, routes }: RequestList,
  request: HttpRequest,
  context: OperationContext,
): Promise<HttpResponse> {
  const route = routes[pathOf(request.target)];
  try {
    const answer =
      (await firstAnswer(before, request, context)) ??
      (await firstAnswer(route?.steps ?? [], request, context));
    if (!answer) throw new Error('no step answered');
    return answer;
  } catch (error) {
    const { requestId } = context.client;
    // A client that has disconnected reads no response, and its disconnect is not an error of the server.
    if (request.connection.isDisconnected()) return { status: 499, headers: {}, body: null };
    context.deps.log.error({ err: error, requestId }, 'request failed');
    return json({ error: 'unexpected error', requestId }, { status: 500 });
  }
}

async function firstAnswer(
  steps: readonly Step[],
  request: HttpRequest,
  context: OperationContext,
): Promise<HttpResponse | null> {
  for (const [, run] of steps) {
    const answer = run(request, context);
    if (answer !== null) {
      const given = await answer;
      if (given) return given;
    }
  }
  return null;
}
