import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFakeClock } from '../../support/clock.ts';
import {
  begin,
  complete,
  countRows,
  lastFailure,
  redirectUriOf,
  startServerWith,
} from '../../support/oauth.ts';
import { type ForgingProvider, startForgingProvider } from '../../support/provider.ts';
import type { TestServer } from '../../support/server.ts';

/**
 * OA-4, RFC 9700 4.4: a malicious provider sends the browser on to an honest one, with the honest one's client
 * and redirect URI and the state of its own flow. If the callback counted as the malicious provider's, this
 * server would send it the honest provider's code.
 */

const clock = createFakeClock();
let honest: ForgingProvider;
let malicious: Server;
let issuer: string;
/** What the malicious provider's token endpoint received. */
let brought: string[] = [];

beforeAll(async () => {
  honest = await startForgingProvider(clock);
  honest.claims = { sub: 'ada', email: 'ada@example.com', email_verified: true };
  malicious = createServer(async (request, response) => {
    if (request.url === '/token') {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      brought.push(Buffer.concat(chunks).toString());
      response
        .writeHead(400, { 'content-type': 'application/json' })
        .end('{"error":"invalid_grant"}');
      return;
    }
    const metadata = {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
    };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(metadata));
  });
  malicious.listen(0, '127.0.0.1');
  await once(malicious, 'listening');
  issuer = `http://127.0.0.1:${(malicious.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await honest.close();
  malicious.close();
});

const maliciousSetting = (more: object = {}) => ({
  ...honest.setting('malicious', more),
  issuer,
});

/** What the malicious provider does with the browser that was sent to it. */
async function sendOn(authorizationUrl: string, redirectUri: string): Promise<string> {
  const url = new URL(authorizationUrl);
  const onwards = new URL(`${honest.issuer}/authorize`);
  onwards.search = url.search;
  onwards.searchParams.set('redirect_uri', redirectUri);
  return await honest.visit(onwards.href);
}

async function expectNothing(server: TestServer, callbackUrl: string, flowToken: string) {
  brought = [];
  const before = await countRows(server);
  const result = await complete(server, { flowToken, callbackUrl });
  expect(result.__typename).toBe('OAuthFailedError');
  expect({ brought, rows: await countRows(server) }).toEqual({ brought: [], rows: before });
}

describe('OA-4: a provider cannot use another provider’s code as its own', () => {
  test('with separate redirect URIs, the code is not sent and the flow is not used up', async () => {
    const server = await startServerWith([honest.setting('honest'), maliciousSetting()], { clock });
    const { flowToken, authorizationUrl } = await begin(server, { provider: 'malicious' });
    const callbackUrl = await sendOn(authorizationUrl, redirectUriOf('honest'));
    expect(callbackUrl).toContain('/oauth/callback/honest?code=');
    await expectNothing(server, callbackUrl, flowToken);
    expect(lastFailure(server)).toMatchObject({ reason: 'redirect-uri-mismatch' });
    const own = callbackUrl.replace('/callback/honest', '/callback/malicious');
    await complete(server, { flowToken, callbackUrl: own });
    expect(brought.length, 'the flow was not spent').toBe(1);
    await server.close();
  });

  test('with a shared redirect URI, the callback must name its issuer', async () => {
    const shared = { redirectUris: ['https://app.example/cb'], issParameter: true };
    const server = await startServerWith(
      [honest.setting('honest', shared), maliciousSetting(shared)],
      { clock },
    );
    const redirectUri = 'https://app.example/cb';
    for (const iss of [null, honest.issuer, `${issuer}/`]) {
      const started = await begin(server, { provider: 'malicious', redirectUri });
      const url = new URL(await sendOn(started.authorizationUrl, redirectUri));
      if (iss !== null) url.searchParams.set('iss', iss);
      await expectNothing(server, url.href, started.flowToken);
      expect(lastFailure(server)).toMatchObject({ reason: 'answer-refused' });
    }
    const { flowToken, authorizationUrl } = await begin(server, {
      provider: 'honest',
      redirectUri,
    });
    const url = new URL(await honest.visit(authorizationUrl));
    url.searchParams.set('iss', honest.issuer);
    const completed = await complete(server, { flowToken, callbackUrl: url.href });
    expect(completed.__typename).toBe('SignedIn');
    await server.close();
  });
});
