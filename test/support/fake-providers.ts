import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { exportJWK, jwtVerify, SignJWT } from 'jose';
import type { CustomFetch } from 'openid-client';
import type { Clock } from '../../src/kernel/ports.ts';
import { createGuardedFetch } from '../../src/proofs/oauth/guarded-fetch.ts';
import { createAuthority } from './certificates.ts';
import { APPLE_KEY, FAKES, type FakeDefinition } from './fake-definitions.ts';

/**
 * Stand-ins for the providers of OAUTH_PROVIDERS, which answer as their documentation says and with their known
 * faults. They are strict: a request that the real provider would reject is rejected here.
 */

export type PresetName = keyof typeof FAKES;

type Json = Record<string, unknown>;

/** One provider, as a test sees it. */
type FakeProvider = {
  readonly definition: FakeDefinition;
  /** What its endpoints return to a holder of an access token, by URL. A function may choose a status. */
  readonly documents: Map<string, unknown>;
  /** Claims of the next ID tokens, over the documented ones; undefined takes a claim out. */
  claims: Json;
  /** What its endpoints received. */
  readonly received: {
    readonly url: string;
    readonly form: URLSearchParams;
    readonly headers: Json;
  }[];
  /** Goes to the provider, agrees, and returns what the provider answers with. */
  visit(authorizationUrl: string): Promise<ProviderAnswer>;
};

/** The browser is sent to a URL, or posts a form to it. */
type ProviderAnswer = { readonly url: string; readonly form: URLSearchParams | null };

export type FakeProviders = {
  readonly all: Readonly<Record<PresetName, FakeProvider>>;
  /** Sends what the server sends to the providers' hosts to this process, through the server's own guard. */
  readonly fetch: CustomFetch;
  /** Replaces the answers of one URL. */
  readonly interference: Map<string, RequestListener>;
  /** The URLs that are reached over TLS with a certificate that nobody trusts. */
  readonly untrusted: Set<string>;
  /** The entries of OAUTH_PROVIDERS. */
  settings(...names: readonly PresetName[]): readonly object[];
  close(): void;
};

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

type Grant = {
  readonly redirectUri: string;
  readonly challenge: string | null;
  readonly nonce: string | null;
  readonly asked: URLSearchParams;
};

export async function startFakeProviders(clock: Clock): Promise<FakeProviders> {
  const jwk = { ...(await exportJWK(createPublicKey(privateKey))), kid: 'fake', alg: 'RS256' };
  const interference = new Map<string, RequestListener>();
  const untrusted = new Set<string>();
  const handlers = new Map<string, (request: IncomingMessage, form: URLSearchParams) => unknown>();
  const build = (definition: FakeDefinition): FakeProvider => {
    const grants = new Map<string, Grant>();
    const tokens = new Set<string>();
    const fake: FakeProvider = {
      definition,
      documents: new Map(Object.entries(definition.documents)),
      claims: {},
      received: [],
      visit: async (authorizationUrl) => {
        const url = new URL(authorizationUrl);
        const asked = url.searchParams;
        if (url.origin + url.pathname !== definition.authorizationEndpoint) {
          throw new Error(`The browser was sent to ${url.origin}${url.pathname}.`);
        }
        if (asked.get('client_id') !== definition.clientId) throw new Error('unknown client');
        if (asked.get('response_type') !== 'code') throw new Error('unknown response type');
        const challenge = asked.get('code_challenge');
        if (definition.requiresPkce && asked.get('code_challenge_method') !== 'S256') {
          throw new Error('The code challenge is missing.');
        }
        const state = asked.get('state') ?? '';
        const redirectUri = asked.get('redirect_uri') ?? '';
        const code = `code-${grants.size}-${definition.clientId}`;
        grants.set(code, { redirectUri, challenge, nonce: asked.get('nonce'), asked });
        return definition.answer({ code, state, redirectUri, asked });
      },
    };
    const authenticate = async (request: IncomingMessage, form: URLSearchParams) => {
      const { clientAuthentication: method, clientId, clientSecret } = definition;
      if (method === 'post') {
        return form.get('client_id') === clientId && form.get('client_secret') === clientSecret;
      }
      if (method === 'signed') {
        const claims = await jwtVerify(form.get('client_secret') ?? '', APPLE_KEY.publicKey, {
          issuer: 'TEAM123456',
          audience: 'https://appleid.apple.com',
          subject: clientId,
          algorithms: ['ES256'],
          currentDate: clock.now(),
        }).catch(() => null);
        const { iat = 0, exp = 0 } = claims?.payload ?? {};
        const isShort = exp - iat <= 15_777_000;
        return form.get('client_id') === clientId && isShort && claims !== null;
      }
      // RFC 6749 2.3.1 encodes the credentials; most providers decode them, and X does not.
      const sent =
        method === 'basic'
          ? clientSecret
          : encodeURIComponent(clientSecret).replaceAll('-', '%2D').replaceAll('_', '%5F');
      const credentials = Buffer.from(`${clientId}:${sent}`).toString('base64');
      return request.headers.authorization === `Basic ${credentials}`;
    };
    handlers.set(definition.tokenEndpoint, async (request, form) => {
      const grant = grants.get(form.get('code') ?? '');
      const verifier = form.get('code_verifier');
      if (!(await authenticate(request, form))) return definition.tokenError('invalid_client');
      if (verifier !== null && definition.rejectsVerifier) {
        return definition.tokenError('invalid_client');
      }
      const isProven =
        grant?.challenge === null ||
        createHash('sha256')
          .update(verifier ?? '')
          .digest('base64url') === grant?.challenge;
      const isOwn = form.get('redirect_uri') === grant?.redirectUri;
      if (!grant || !isProven || !isOwn) return definition.tokenError('invalid_grant');
      grants.delete(form.get('code') ?? '');
      const token = `token-of-${definition.clientId}-${tokens.size}`;
      tokens.add(token);
      const idToken = definition.idToken && (await signIdToken(definition, fake.claims, grant));
      return definition.token(token, idToken ?? null);
    });
    for (const [url, document] of Object.entries(definition.publicDocuments ?? {})) {
      handlers.set(url, () => document);
    }
    if (definition.jwksUri) handlers.set(definition.jwksUri, () => ({ keys: [jwk] }));
    for (const url of fake.documents.keys()) {
      handlers.set(url, (request) => {
        const [scheme, token = ''] = (request.headers.authorization ?? '').split(' ');
        if (scheme !== 'Bearer' || !tokens.has(token)) return definition.rejection;
        if (!request.headers['user-agent']) return { $status: 403, message: 'no user agent' };
        return fake.documents.get(url);
      });
    }
    return fake;
  };

  const signIdToken = async (definition: FakeDefinition, claims: Json, { nonce, asked }: Grant) => {
    const now = Math.floor(clock.now().getTime() / 1000);
    const documented = {
      ...{ aud: definition.clientId, iat: now, exp: now + 600 },
      ...(nonce !== null && { nonce }),
      ...(typeof definition.idToken === 'function'
        ? definition.idToken(asked)
        : definition.idToken),
    };
    return await new SignJWT({ ...documented, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'fake' })
      .sign(privateKey);
  };

  const entries = Object.entries(FAKES).map(([name, one]) => [name, build(one)] as const);
  const all = Object.fromEntries(entries) as Record<PresetName, FakeProvider>;
  const server = createServer(async (request, response) => {
    const url = `https:/${request.url ?? ''}`;
    const [path = ''] = url.split('?');
    const own = interference.get(path);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const fake = entries.find(([, { definition }]) => {
      return definition.tokenEndpoint === path || url in definition.documents;
    });
    fake?.[1].received.push({ url, form, headers: request.headers });
    if (own) return own(request, response);
    const handle = handlers.get(url) ?? handlers.get(path);
    const answer = handle ? await handle(request, form) : { $status: 404, message: 'Not Found' };
    const { $status: status = 200, ...body } = Array.isArray(answer) ? {} : Object(answer);
    response
      .writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
      .end(JSON.stringify(Array.isArray(answer) ? answer : body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { certificate, key } = createAuthority('Nobody’s authority').issue(['127.0.0.1']);
  const tls = createTlsServer({ cert: certificate, key }, (_request, response) => response.end());
  tls.listen(0, '127.0.0.1');
  await once(tls, 'listening');
  const { port: tlsPort } = tls.address() as AddressInfo;
  const guarded = createGuardedFetch({ allowLoopback: true });
  return {
    all,
    interference,
    untrusted,
    fetch: (url, options) => {
      const isTls = untrusted.has(url.split('?')[0] ?? '');
      const origin = isTls ? `https://127.0.0.1:${tlsPort}` : `http://127.0.0.1:${port}`;
      return guarded(`${origin}/${url.slice('https://'.length)}`, options);
    },
    settings: (...names) => names.map((name) => ({ preset: name, ...FAKES[name].setting })),
    close: () => {
      for (const one of [server, tls]) {
        one.closeAllConnections();
        one.close();
      }
    },
  };
}
