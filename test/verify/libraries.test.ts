import { createHmac, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { allowInsecureRequests, discovery } from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Check, type Expected, honoJwt, LIBRARIES } from '../../verify/test/libraries.ts';
import { base64url, craft, GOOD_HEADER, goodPayload, KID } from '../access-token/support.ts';
import { type Person, signUp } from '../support/journeys.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const GUIDE = new URL('../../docs/resource-servers.md', import.meta.url);
const SOURCE = new URL('../../verify/test/libraries.ts', import.meta.url);

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const http = createServer();
let real: TestServer;
let person: Person;
let ours: Expected;
let theirs: Expected;
let tokens: Readonly<Record<string, string>>;

beforeAll(async () => {
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  real = await startTestServer({ env: { PUBLIC_URL: origin } });
  person = await signUp(real);
  http.on('request', async ({ url }, outgoing) => {
    if (url === '/forger/jwks.json') {
      const jwk = { ...publicKey.export({ format: 'jwk' }), kid: KID, alg: 'ES256', use: 'sig' };
      outgoing.end(JSON.stringify({ keys: [jwk] }));
      return;
    }
    const answer = await real.app.fetch(new Request(`${origin}${url}`));
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
    outgoing.end(await answer.text());
  });
  theirs = { issuer: origin, audience: origin, jwksUri: `${origin}/.well-known/jwks.json` };
  // The same claims, signed by a key that the test holds, so that each forgery is rejected for one reason.
  ours = { ...theirs, jwksUri: `${origin}/forger/jwks.json` };
  tokens = forgeries(origin);
});
afterAll(async () => {
  http.closeAllConnections();
  http.close();
  await real.close();
});

function forgeries(origin: string): Readonly<Record<string, string>> {
  const payload: Record<string, unknown> = {
    ...goodPayload(new Date()),
    iss: origin,
    aud: origin,
  };
  const endless = { ...payload, exp: undefined };
  const past = Math.floor(Date.now() / 1000) - 3600;
  const signed = `${base64url(JSON.stringify({ ...GOOD_HEADER, alg: 'HS256' }))}.${base64url(JSON.stringify(payload))}`;
  const pem = publicKey.export({ type: 'spki', format: 'pem' });
  const [header, , signature] = craft(GOOD_HEADER, payload, privateKey).split('.');
  return {
    'an access token': craft(GOOD_HEADER, payload, privateKey),
    'for another audience': craft(
      GOOD_HEADER,
      { ...payload, aud: 'https://b.example' },
      privateKey,
    ),
    'of another issuer': craft(GOOD_HEADER, { ...payload, iss: 'https://b.example' }, privateKey),
    expired: craft(GOOD_HEADER, { ...payload, iat: past, exp: past + 900 }, privateKey),
    'without `exp`': craft(GOOD_HEADER, endless, privateKey),
    'of type JWT': craft({ ...GOOD_HEADER, typ: 'JWT' }, payload, privateKey),
    'with an unknown `crit`': craft({ ...GOOD_HEADER, crit: ['x'], x: 1 }, payload, privateKey),
    'HS256 with the public key': `${signed}.${createHmac('sha256', pem).update(signed).digest('base64url')}`,
    'alg none': `${base64url(JSON.stringify({ ...GOOD_HEADER, alg: 'none' }))}.${base64url(JSON.stringify(payload))}.`,
    "by a stranger's key": craft(GOOD_HEADER, payload, stranger),
    altered: `${header}.${base64url(JSON.stringify({ ...payload, sub: person.userId }))}.${signature}`,
  };
}

const accepts = (check: Check, token: string) =>
  check(token).then(
    () => true,
    () => false,
  );

/** What the guide says about each library, as measured by running it. */
async function tableOf(): Promise<string> {
  const kinds = Object.keys(tokens);
  const rows: string[] = [];
  const names = Object.keys(LIBRARIES);
  const checks = Object.values(LIBRARIES).map((make) => make(ours));
  for (const kind of kinds) {
    const cells = await Promise.all(
      checks.map(async (check) =>
        (await accepts(check, tokens[kind] ?? '')) ? 'taken' : 'refused',
      ),
    );
    rows.push(`| ${kind} | ${cells.join(' | ')} |`);
  }
  return [`| token | ${names.join(' | ')} |`, `|---|${'---|'.repeat(names.length)}`, ...rows].join(
    '\n',
  );
}

describe("TK-16: other people's libraries", () => {
  test.each(Object.keys(LIBRARIES))('%s and a token of the real server', async (name) => {
    const check = LIBRARIES[name]?.(theirs);
    if (!check) throw new Error('no such library');
    // Hono requires typ JWT, and RFC 9068 says at+jwt.
    expect(await accepts(check, person.accessToken)).toBe(name !== 'hono/jwk');
  });

  test('hono/jwt requires typ JWT as well', async () => {
    const check = honoJwt(publicKey.export({ type: 'spki', format: 'pem' }).toString());
    expect(await accepts(check, tokens['an access token'] ?? '')).toBe(false);
    expect(await accepts(check, tokens['of type JWT'] ?? '')).toBe(true);
  });

  test('accept and reject what the guide says', async () => {
    expect(readFileSync(GUIDE, 'utf8')).toContain(await tableOf());
  });

  test('are shown in the guide with the lines that were run', () => {
    const flat = (text: string) => text.replaceAll(/\s+/g, ' ').trim();
    const source = flat(readFileSync(SOURCE, 'utf8'));
    const snippets = [...readFileSync(GUIDE, 'utf8').matchAll(/```ts\n\/\/ run\n(.*?)```/gs)];
    expect(snippets.length).toBeGreaterThanOrEqual(6);
    for (const [, snippet = ''] of snippets) expect(source).toContain(flat(snippet));
  });

  test('openid-client reads the discovery document, and finds no sign-in in it', async () => {
    const options = { execute: [allowInsecureRequests] };
    const configuration = await discovery(
      new URL(theirs.issuer),
      'api',
      undefined,
      undefined,
      options,
    );
    expect(configuration.serverMetadata()).toMatchObject({
      issuer: theirs.issuer,
      jwks_uri: theirs.jwksUri,
    });
    expect(configuration.serverMetadata()).not.toHaveProperty('authorization_endpoint');
  });
});
