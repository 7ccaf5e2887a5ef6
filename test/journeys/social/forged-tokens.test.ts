import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest';
import { testWithProviders } from '../../support/fixture.ts';
import { countRows, lastFailure, roundTrip } from '../../support/oauth.ts';
import {
  CLIENT_ID,
  type ForgingProvider,
  reheaded,
  SIGNATURES,
  startForgingProvider,
} from '../../support/provider.ts';

let provider: ForgingProvider;

const test = testWithProviders(() => [provider.setting()]);
beforeAll(async () => {
  provider = await startForgingProvider();
});
afterAll(async () => {
  await provider.close();
});
beforeEach(() => {
  provider.replaceToken = null;
});

const good = { sub: 'ada', email: 'ada@example.com', email_verified: true };
const seconds = () => Math.floor(Date.now() / 1000);

type Change = { readonly iss?: string; readonly [claim: string]: unknown };
type Mutation = readonly [
  what: string,
  code: string | null,
  change: Change,
  replace: ForgingProvider['replaceToken'],
];
const claim = (what: string, code: string, change: Change): Mutation => [what, code, change, null];
const token = (what: string, code: string, replace: (token: string) => string): Mutation => [
  what,
  code,
  {},
  replace,
];
/** Stands for our issuer with a trailing slash. */
const LOOKALIKE = 'lookalike';
const COMPARED = 'OAUTH_JWT_CLAIM_COMPARISON_FAILED';
const INVALID = 'OAUTH_INVALID_RESPONSE';
const TIME = 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED';
const UNSUPPORTED = 'OAUTH_UNSUPPORTED_OPERATION';

/** The fault of each token, and the code in the log. Each is rejected for its own reason. */
const MUTATED: readonly Mutation[] = [
  claim('another issuer', COMPARED, { iss: 'https://accounts.google.com' }),
  claim('an issuer that only looks like ours', COMPARED, { iss: LOOKALIKE }),
  claim('another audience', COMPARED, { aud: 'another-client' }),
  claim('us among other audiences', 'AUDIENCE', { aud: [CLIENT_ID, 'another'], azp: CLIENT_ID }),
  claim('no audience', INVALID, { aud: undefined }),
  claim('another authorized party', 'AUTHORIZED_PARTY', { azp: 'another-client' }),
  claim('another nonce', COMPARED, { nonce: 'replayed-from-another-sign-in' }),
  claim('an end 31 seconds ago', TIME, { exp: seconds() - 31 }),
  claim('no end', INVALID, { exp: undefined }),
  claim('an issue in the future', 'ISSUED_IN_THE_FUTURE', { iat: seconds() + 600 }),
  claim('a beginning not yet reached', TIME, { nbf: seconds() + 600 }),
  claim('no subject', INVALID, { sub: undefined }),
  claim('an empty subject', 'SUBJECT', { sub: '' }),
  claim('a subject that is a number', INVALID, { sub: 7 }),
  token('no signature', INVALID, (jwt) => reheaded(jwt, { alg: 'none' }, SIGNATURES.none)),
  token('a signature cut off', INVALID, (jwt) => reheaded(jwt, {}, SIGNATURES.none)),
  token('a stranger’s signature', INVALID, (jwt) => reheaded(jwt, {}, SIGNATURES.stranger)),
  token('a MAC under our own secret', INVALID, (jwt) =>
    reheaded(jwt, { alg: 'HS256' }, SIGNATURES.clientSecret),
  ),
  token('an algorithm not announced', INVALID, (jwt) =>
    reheaded(jwt, { alg: 'RS512' }, SIGNATURES.stranger),
  ),
  token('a key that is not published', 'OAUTH_KEY_SELECTION_FAILED', (jwt) =>
    reheaded(jwt, { kid: 'nobody-knows-it' }, SIGNATURES.stranger),
  ),
  token('a critical header of its own', UNSUPPORTED, (jwt) =>
    reheaded(jwt, { crit: ['b64'], b64: true }, SIGNATURES.stranger),
  ),
  token('no token at all', INVALID, () => ''),
];

describe('OA-3: an ID token is rejected with', () => {
  test.for(MUTATED)('%s', async ([_what, code, change, replace], { server }) => {
    const { iss = provider.issuer } = change;
    const claims = { ...good, ...change, iss: iss === LOOKALIKE ? `${provider.issuer}/` : iss };
    provider.replaceToken = replace;
    const before = await countRows(server);
    const result = await roundTrip(server, provider, claims);
    expect(result).toEqual({
      __typename: 'OAuthFailedError',
      message: 'Signing in with this provider failed. Try again.',
      reason: null,
    });
    expect(await countRows(server)).toEqual(before);
    expect(lastFailure(server)).toMatchObject({
      reason: 'answer-refused',
      code,
      provider: 'forger',
    });
  });

  test('the same flow with an honest token signs in', async ({ server }) => {
    const result = await roundTrip(server, provider, good);
    expect(result.__typename).toBe('SignedIn');
    expect(result.viewer).toMatchObject({
      user: { email: 'ada@example.com', emailVerified: true },
      session: { methods: ['oauth'] },
      identities: [{ email: 'ada@example.com', provider: { id: 'forger', name: 'The forger' } }],
    });
  });

  test('LO-2: no log line contains a token or a text of the provider', async ({ server }) => {
    const text = JSON.stringify(server.logged);
    expect(text).toContain('oauth failed');
    expect(text).not.toContain('eyJ');
    expect(text).not.toContain('another-client');
    expect(text).not.toContain('ada@example.com');
  });
});

test('OA-3: a clock difference of thirty seconds is tolerated', async ({ server }) => {
  const claims = { sub: 'clock', email: 'clock@example.com', email_verified: true };
  const late = await roundTrip(server, provider, { ...claims, exp: seconds() - 25 });
  expect(late.__typename).toBe('SignedIn');
  const early = await roundTrip(server, provider, { ...claims, iat: seconds() + 25 });
  expect(early.__typename).toBe('SignedIn');
});
