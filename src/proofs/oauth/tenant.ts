import type { CustomFetch, ServerMetadata } from 'openid-client';
import type { OpenIdProviderConfig } from '../../config.ts';
import { TENANT, TENANT_ID } from '../../settings/provider.ts';
import { OAuthFailedError } from './errors.ts';
import { memberOf, parseAnswer } from './json.ts';

/**
 * Reads the metadata of a provider with many tenants, in which an issuer contains `{tenantid}` instead of the
 * tenant's id. The library requires the issuer that it asked for; any other content of the metadata is
 * rejected.
 */
export function readingTenantMetadata(
  fetch: CustomFetch,
  { issuer, tenantIssuer }: OpenIdProviderConfig,
): CustomFetch {
  if (tenantIssuer === undefined) return fetch;
  return async (...call) => {
    const response = await fetch(...call);
    if (!response.ok) return response;
    const answer: unknown = await response.json();
    const isExpected = memberOf(answer, 'issuer') === tenantIssuer;
    return Response.json({ ...Object(answer), issuer: isExpected ? issuer : null });
  };
}

/**
 * Runs an exchange with a provider whose ID token says which tenant issued it. The response of the token
 * endpoint is kept, the issuer is built from the `tid` in it, and the exchange is validated with that issuer. A
 * tenant cannot speak for another one, because its signed `iss` must match its `tid`.
 *
 * @param work an exchange that throws what the fetch it is given throws
 * @throws OAuthFailedError
 */
export async function withTenantIssuer<T>(
  provider: Pick<OpenIdProviderConfig, 'tenantIssuer'>,
  server: ServerMetadata,
  fetch: CustomFetch,
  work: (server: ServerMetadata, fetch: CustomFetch) => Promise<T>,
): Promise<T> {
  const { tenantIssuer } = provider;
  if (tenantIssuer === undefined) return await work(server, fetch);
  const endpoint = server.token_endpoint && new URL(server.token_endpoint).href;
  const kept: Response[] = [];
  try {
    return await work(server, async (url, options) => {
      const response = await fetch(url, options);
      if (url !== endpoint || !response.ok) return response;
      kept.push(response);
      throw new TypeError('The answer is kept until its issuer is known.');
    });
  } catch (error) {
    const [answer] = kept;
    if (!answer) throw error;
    const body = await answer.text();
    const issuer = tenantIssuer.replace(TENANT, () => tenantOf(body));
    const { status, headers } = answer;
    return await work({ ...server, issuer }, async (url, options) =>
      url === endpoint ? new Response(body, { status, headers }) : fetch(url, options),
    );
  }
}

/** The tenant's id in an ID token that has not been verified yet. */
function tenantOf(body: string): string {
  const token = memberOf(parseAnswer(body), 'id_token');
  const payload = typeof token === 'string' ? (token.split('.')[1] ?? '') : '';
  const tenant = memberOf(parseAnswer(Buffer.from(payload, 'base64url').toString()), 'tid');
  if (typeof tenant === 'string' && TENANT_ID.test(tenant)) return tenant;
  throw new OAuthFailedError('answer-refused', 'TENANT');
}
