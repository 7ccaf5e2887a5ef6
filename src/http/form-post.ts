import type { Deps } from '../deps.ts';
import type { OperationContext } from '../graphql-engine/context.ts';
import { RateLimitedError } from '../kernel/errors.ts';
import { OAuthFailedError } from '../proofs/oauth/errors.ts';
import { receiveFormPost } from '../proofs/oauth/form-post.ts';
import { oauthLimits } from '../rate-limit/limits.ts';
import { FORM_POST_PATH } from '../settings/providers.ts';
import type { HttpRequest, HttpResponse, RequestHead, Route, Routes } from './exchange.ts';

/**
 * The routes to which providers post their answers (`response_mode=form_post`), one for each such provider. The
 * provider's page makes the browser send the form, so the request is cross-site: it carries no cookie of this
 * server, and nothing in it acts for anybody. The browser is sent on to the frontend, which alone has the flow
 * token (AP-1).
 */
export function createFormPostRoutes(deps: Deps): Routes {
  const providers = deps.config.oauth.providers.filter(({ formPostUri }) => formPostUri !== null);
  return Object.fromEntries(providers.map(({ id }) => [FORM_POST_PATH + id, routeOf(deps, id)]));
}

function routeOf(deps: Deps, provider: string): Route {
  return {
    takesBody: (head) => head.method === 'POST' && isForm(head),
    steps: [
      [
        '405 unless POST',
        ({ method }) =>
          method === 'POST' ? null : { status: 405, headers: { allow: 'POST' }, body: null },
      ],
      ['415 for a POST that is no form', (request) => (isForm(request) ? null : page(415))],
      [
        '303 to the redirect URI of the flow, 400 without a live flow, 429 beyond the limit',
        (request, context) => answer(deps, provider, request, context),
      ],
    ],
  };
}

function isForm({ headers }: Pick<RequestHead, 'headers'>): boolean {
  const [type = ''] = (headers.get('content-type') ?? '').split(';');
  return type.trim().toLowerCase() === 'application/x-www-form-urlencoded';
}

async function answer(
  deps: Deps,
  provider: string,
  { body }: HttpRequest,
  { client }: OperationContext,
): Promise<HttpResponse> {
  const limits = oauthLimits(deps.config, client, 'form-post');
  try {
    const location = await deps.rateLimiter.attempt(limits, { client }, () =>
      receiveFormPost(deps, provider, new URLSearchParams(body.toString())),
    );
    // 303 makes the browser continue with GET, without the form.
    return { status: 303, headers: { location }, body: null };
  } catch (error) {
    if (error instanceof RateLimitedError) {
      return page(429, { 'retry-after': String(error.retryAfterSeconds) });
    }
    if (!(error instanceof OAuthFailedError)) throw error;
    const { reason } = error;
    deps.log.warn({ reason, provider, requestId: client.requestId }, 'oauth form post refused');
    return page(400);
  }
}

/** A fixed page, because nothing of the form may be repeated. */
function page(status: number, headers: HttpResponse['headers'] = {}): HttpResponse {
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      ...headers,
    },
    body: PAGE,
  };
}

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sign-in not completed</title>
<h1>This sign-in cannot be completed</h1>
<p>It took too long, was already completed, or was started in another place. Go back to the app and start again.</p>
</html>
`;
