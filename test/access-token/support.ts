import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { createAccessTokenVerifier } from '../../src/access-token/verify.ts';
import type { Config } from '../../src/config.ts';
import { createKeyring } from '../../src/kernel/keyring.ts';
import type { Clock, Log, Random } from '../../src/kernel/ports.ts';
import type { AccessTokenKeys, TokenHolder } from '../../src/kernel/signing.ts';

export const ISSUER = 'https://auth.example.test';
export const AUDIENCE = 'https://api.example.test';
export const KID = 'the-signing-key';

export const random: Random = { bytes: (length) => randomBytes(length) };

/** A clock that stands still until it is set. */
export type TestClock = Clock & { set(moment: Date): void; advance(milliseconds: number): void };

export function testClock(start = new Date('2026-03-01T12:00:00Z')): TestClock {
  let now = start;
  return {
    now: () => now,
    set: (moment) => {
      now = moment;
    },
    advance: (milliseconds) => {
      now = new Date(now.getTime() + milliseconds);
    },
  };
}

export type LogLine = {
  readonly level: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
};

/** A log that keeps its lines. */
export function testLog(): Log & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) => {
    lines.push({ level, fields, message });
  };
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export function testKeyring(...secrets: readonly [string, ...string[]]) {
  const [newest, ...older] = secrets;
  const root = (text: string) => createHash('sha256').update(text).digest();
  return createKeyring([root(newest), ...older.map(root)], random);
}

const MINUTE = 60_000;

/** The settings that concern access tokens, as the whole configuration that functions ask for. */
export const config = {
  publicUrl: ISSUER,
  accessToken: { lifetime: 15 * MINUTE, audience: AUDIENCE },
  signingKeyLifetime: 30 * 24 * 60 * MINUTE,
} satisfies Partial<Config> as Config;

/** One signing key in memory, and what a forger would know of it. */
function memoryKeys() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const accepted = new Map([[KID, { kid: KID, publicKey }]]);
  const accessTokenKeys: AccessTokenKeys = {
    signingKey: () => ({ kid: KID, privateKey }),
    verificationKey: (kid) => accepted.get(kid),
    published: () => [],
  };
  return { accessTokenKeys, privateKey, publicKey, accepted };
}

/** All that verification needs, with a key in memory. */
export function testDeps() {
  const keys = memoryKeys();
  const clock = testClock();
  return { ...keys, config, clock, random };
}

/** What a verifier makes of a token that it has not seen before. */
export function verifyAccessToken(
  deps: Parameters<typeof createAccessTokenVerifier>[0],
  token: string,
): TokenHolder | null {
  return createAccessTokenVerifier(deps).verify(token);
}

export const REQUEST = {
  userId: '0199a0a0-0000-7000-8000-000000000001',
  sessionId: '0199a0a0-0000-7000-8000-000000000002',
  authenticatedAt: new Date('2026-03-01T11:59:00Z'),
  methods: ['pwd', 'otp'],
  credentialVersion: 3,
  claimsVersion: 2,
  roles: [],
  custom: {},
} as const;

export const base64url = (value: string | Uint8Array) => Buffer.from(value).toString('base64url');

/** A well-formed payload of ours, at a moment. */
export function goodPayload(now: Date): Record<string, unknown> {
  const iat = Math.floor(now.getTime() / 1000);
  return {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: REQUEST.userId,
    client_id: 'latchkey',
    sid: REQUEST.sessionId,
    jti: base64url(randomBytes(16)),
    iat,
    exp: iat + 900,
    auth_time: iat - 60,
    amr: ['pwd'],
    epoch: 3,
  };
}

export const GOOD_HEADER = { alg: 'ES256', typ: 'at+jwt', kid: KID };

/** A token made by hand: any header, any payload, signed with ES256 by any key. */
export function craft(header: unknown, payload: unknown, privateKey: KeyObject): string {
  const text = (value: unknown) =>
    base64url(typeof value === 'string' ? value : JSON.stringify(value));
  const signed = `${text(header)}.${text(payload)}`;
  const signature = sign('sha256', Buffer.from(signed), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  return `${signed}.${base64url(signature)}`;
}
