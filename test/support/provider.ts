import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { OAuth2Server } from 'oauth2-mock-server';
import type { Clock } from '../../src/kernel/ports.ts';

type Claims = { sub?: unknown; [claim: string]: unknown };

/** A provider whose answers a test chooses: oauth2-mock-server with access to its hooks. */
export type ForgingProvider = {
  readonly issuer: string;
  readonly server: OAuth2Server;
  /** Claims of the next ID tokens, over the honest ones; undefined takes a claim out. */
  claims: Claims;
  /** What the userinfo endpoint returns besides the subject. */
  userinfo: Claims;
  /** Replaces the signed ID token as a whole. */
  replaceToken: ((token: string) => string) | null;
  /** The setting that makes a server know this provider. */
  setting(id?: string, more?: object): object;
  /** What a person's browser does: goes there, agrees, and is sent back. */
  visit(authorizationUrl: string): Promise<string>;
  close(): Promise<void>;
};

export const CLIENT_ID = 'latchkey';
export const CLIENT_SECRET = 'a secret that only tests know';

/** @param clock what its tokens' times are read from */
export async function startForgingProvider(
  clock: Clock = { now: () => new Date() },
): Promise<ForgingProvider> {
  const server = new OAuth2Server();
  await server.issuer.keys.generate('RS256');
  await server.start(0, '127.0.0.1');
  const issuer = server.issuer.url ?? '';
  const provider: ForgingProvider = {
    issuer,
    server,
    claims: {},
    userinfo: {},
    replaceToken: null,
    setting: (id = 'forger', more = {}) => ({
      id,
      name: `The ${id}`,
      issuer,
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      ...more,
    }),
    visit: async (authorizationUrl) => {
      const answer = await fetch(authorizationUrl, { redirect: 'manual' });
      return answer.headers.get('location') ?? '';
    },
    close: () => server.stop(),
  };
  server.service.on('beforeTokenSigning', ({ payload }: { payload: Claims }) => {
    // The mock signs an access token the same way; only an ID token has our nonce.
    if (!('nonce' in payload)) return;
    const now = Math.floor(clock.now().getTime() / 1000);
    Object.assign(payload, { iat: now, nbf: now, exp: now + 3600 });
    for (const [name, value] of Object.entries(provider.claims)) {
      if (value === undefined) delete payload[name];
      else payload[name] = value;
    }
  });
  server.service.on('beforeResponse', ({ body }: { body: { id_token?: string } }) => {
    if (provider.replaceToken && body.id_token !== undefined) {
      body.id_token = provider.replaceToken(body.id_token);
    }
  });
  server.service.on('beforeUserinfo', (answer: { body: Claims }) => {
    const { sub } = provider.claims;
    answer.body = { sub, ...provider.userinfo };
  });
  return provider;
}

/** The same claims under another header, signed by whatever `signature` makes of them. */
export function reheaded(
  token: string,
  change: Claims,
  signature: (signed: string) => Buffer,
): string {
  const [header = '', payload = ''] = token.split('.');
  const given = JSON.parse(Buffer.from(header, 'base64url').toString());
  const forged = Buffer.from(JSON.stringify({ ...given, ...change })).toString('base64url');
  const signed = `${forged}.${payload}`;
  return `${signed}.${signature(signed).toString('base64url')}`;
}

const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** Ways to sign without the provider's key. */
export const SIGNATURES = {
  none: () => Buffer.alloc(0),
  stranger: (signed: string) => sign('sha256', Buffer.from(signed), stranger.privateKey),
  clientSecret: (signed: string) => createHmac('sha256', CLIENT_SECRET).update(signed).digest(),
};
