import type { CustomFetch } from 'openid-client';
import { memberOf, parseAnswer } from './json.ts';

/**
 * Reads a token response as the library expects it (RFC 6749 5.1, 5.2), although some providers deviate:
 * - GitHub and Slack report an error with status 200 (O2-5). It becomes a response with status 400.
 * - Twitch sends `scope` as a list.
 * - Some leave out `token_type`. This server uses an access token only as a bearer token.
 *
 * @param options.withoutIdToken for a provider whose ID tokens are not used: none of their claims may be read
 */
export function readingTokenResponse(
  fetch: CustomFetch,
  options: { readonly endpoint: string | undefined; readonly withoutIdToken: boolean },
): CustomFetch {
  const endpoint = options.endpoint === undefined ? null : new URL(options.endpoint).href;
  return async (url, init) => {
    const response = await fetch(url, init);
    if (url !== endpoint || response.status !== 200) return response;
    const { headers } = response;
    const text = await response.text();
    const answer = parseAnswer(text);
    const isObject = typeof answer === 'object' && answer !== null && !Array.isArray(answer);
    if (!isObject) return new Response(text, { status: 200, headers });
    const error = memberOf(answer, 'error');
    if (error !== undefined) {
      const code = typeof error === 'string' && error !== '' ? error : 'unknown';
      return Response.json({ error: code }, { status: 400 });
    }
    const { id_token: idToken, scope, ...rest } = answer as Record<string, unknown>;
    const repaired = {
      token_type: 'bearer',
      ...rest,
      ...(idToken !== undefined && !options.withoutIdToken && { id_token: idToken }),
      ...(scope !== undefined && { scope: Array.isArray(scope) ? scope.join(' ') : scope }),
    };
    return new Response(JSON.stringify(repaired), { status: 200, headers });
  };
}
