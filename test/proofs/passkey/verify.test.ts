import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Passkey } from '../../../src/db/tables/passkey.ts';
import { readAssertion, verifyAssertion } from '../../../src/proofs/passkey/assertion.ts';
import { startCeremony } from '../../../src/proofs/passkey/ceremony.ts';
import { creationOptions, requestOptions } from '../../../src/proofs/passkey/options.ts';
import {
  type AssertionInput,
  type Authenticator,
  type CeremonyOverrides,
  cborBytes,
  cborInt,
  cborMap,
  cborText,
  coseKey,
  createAuthenticator,
  type PasskeyAlgorithm,
} from '../../support/authenticator.ts';
import { deps, enroll, ORIGIN, user, userHandle } from './ceremonies.ts';

async function verify(
  authenticator: Authenticator,
  passkey: Passkey,
  overrides: CeremonyOverrides = {},
  alter = (assertion: AssertionInput) => assertion,
) {
  const ceremony = startCeremony(deps, { purpose: 'sign-in', boundTo: null });
  const assertion = alter(authenticator.get(requestOptions(deps, ceremony), overrides));
  return await verifyAssertion(deps, ceremony, passkey, readAssertion(assertion));
}

describe('a passkey is enrolled and verified', () => {
  test.each<PasskeyAlgorithm>(['ES256', 'EdDSA', 'RS256'])('%s', async (algorithm) => {
    const authenticator = createAuthenticator({ origin: ORIGIN, algorithm, synced: false });
    const passkey = await enroll(authenticator);
    expect(passkey).toMatchObject({ counter: 1, backupEligible: false, aaguid: null });
    await expect(verify(authenticator, passkey)).resolves.toMatchObject({ counter: 2 });
  });
});

const reasonOf = async (work: Promise<unknown>) =>
  await work.then(
    () => 'accepted',
    (error: unknown) => (error as { reason?: string }).reason ?? error,
  );

/** Both ceremonies, with the same change. */
async function bothReasons(overrides: CeremonyOverrides) {
  const authenticator = createAuthenticator({ origin: ORIGIN });
  const passkey = await enroll(authenticator);
  return {
    enrollment: await reasonOf(enroll(createAuthenticator({ origin: ORIGIN }), overrides)),
    assertion: await reasonOf(verify(authenticator, passkey, overrides)),
  };
}

const both = (reason: string) => ({ enrollment: reason, assertion: reason });

describe('PK-2a: the origin is one of PASSKEY_ORIGINS, character by character', () => {
  test.each([
    ['a sibling', 'https://evil.example'],
    ['a longer host', 'https://app.example.evil.example'],
    ['a host that ends the same', 'https://evilapp.example'],
    ['a subdomain', 'https://x.app.example'],
    ['another port', 'https://app.example:8443'],
    ['without TLS', 'http://app.example'],
    ['an opaque origin', 'null'],
    ['a look-alike in another script', 'https://аpp.example'],
    ['a trailing slash', 'https://app.example/'],
    ['upper case', 'https://APP.example'],
  ])('%s', async (_name, origin) => {
    expect(await bothReasons({ origin })).toEqual(both('other-origin'));
  });
});

describe('PK-2a: a page inside another page is refused', () => {
  test.each([
    ['crossOrigin', { crossOrigin: true }],
    ['crossOrigin as a text', { crossOrigin: 'false' }],
    ['topOrigin', { topOrigin: 'https://evil.example' }],
    ['topOrigin null', { topOrigin: null }],
    ['both', { crossOrigin: true, topOrigin: ORIGIN }],
  ])('%s', async (_name, clientData) => {
    expect(await bothReasons({ clientData })).toEqual(both('cross-origin'));
  });
});

test('PK-2b: an authenticator that signs for another RP ID is refused', async () => {
  expect(await bothReasons({ rpId: 'evil.example' })).toEqual(both('other-rp-id'));
});

test('PK-2c: without user verification or presence a passkey proves nothing', async () => {
  expect(await bothReasons({ userVerified: false })).toEqual(both('user-not-verified'));
  expect(await bothReasons({ userPresent: false })).toEqual(both('user-not-present'));
});

test('PK-1b: the challenge inside the signed client data decides', async () => {
  const challenge = Buffer.alloc(32, 9).toString('base64url');
  expect(await bothReasons({ challenge })).toEqual(both('other-challenge'));
});

test('an answer of one ceremony is refused in the other', async () => {
  expect(await bothReasons({ type: 'webauthn.other' })).toEqual(both('other-type'));
});

test('PK-3b: the backup eligibility must be that of the enrollment; a state without it is impossible', async () => {
  const authenticator = createAuthenticator({ origin: ORIGIN });
  const passkey = await enroll(authenticator);
  const isBound = { backupEligible: false, backedUp: false };
  expect(await reasonOf(verify(authenticator, passkey, isBound))).toBe(
    'backup-eligibility-changed',
  );
  expect(await bothReasons({ backupEligible: false, backedUp: true })).toEqual(
    both('backup-state'),
  );
});

test('a signature of another key is refused', async () => {
  const authenticator = createAuthenticator({ origin: ORIGIN });
  const passkey = await enroll(authenticator);
  const other = createAuthenticator({ origin: ORIGIN });
  await enroll(other);
  const { privateKey } = other.passkeys[0] ?? {};
  if (!privateKey) throw new TypeError('no passkey');
  expect(await reasonOf(verify(authenticator, passkey, { privateKey }))).toBe('wrong-signature');
});

test('PK-5b: attestation statements are not evaluated: garbage in them changes nothing', async () => {
  const bytes = cborMap([
    [cborText('alg'), cborText('none of your business')],
    [cborText('x5c'), cborBytes(Buffer.from('garbage'))],
  ]);
  for (const format of ['packed', 'tpm', 'android-key', 'apple', 'fido-u2f', 'unheard-of']) {
    const authenticator = createAuthenticator({ origin: ORIGIN });
    const passkey = await enroll(authenticator, { statement: { format, bytes } });
    await expect(verify(authenticator, passkey)).resolves.toMatchObject({ counter: 0 });
  }
});

test('PK-5b: enrollment asks for a discoverable key and no attestation', () => {
  const ceremony = startCeremony(deps, { purpose: 'enrollment', boundTo: 'session' });
  expect(creationOptions(deps, ceremony, { user, userHandle, own: [] })).toEqual({
    rp: { id: 'app.example', name: 'Latchkey' },
    user: { id: userHandle.toString('base64url'), name: 'a@b.example', displayName: 'a@b.example' },
    challenge: ceremony.challenge,
    pubKeyCredParams: [
      { type: 'public-key', alg: -7 },
      { type: 'public-key', alg: -8 },
      { type: 'public-key', alg: -257 },
    ],
    timeout: 600_000,
    excludeCredentials: [],
    authenticatorSelection: {
      residentKey: 'required',
      requireResidentKey: true,
      userVerification: 'required',
    },
    attestation: 'none',
    extensions: { credProps: true },
  });
  expect(Buffer.from(ceremony.challenge, 'base64url')).toHaveLength(32);
});

describe('PK-5b: a key that could not be verified later is refused when it is added', () => {
  const jwkOf = (curve: string) =>
    generateKeyPairSync('ec', { namedCurve: curve }).publicKey.export({ format: 'jwk' });
  const bytes = (text: string | undefined) => cborBytes(Buffer.from(text ?? '', 'base64url'));
  const ec = (alg: number, crv: number, x: string | undefined, y: string | undefined) =>
    cborMap([
      [cborInt(1), cborInt(2)],
      [cborInt(3), cborInt(alg)],
      [cborInt(-1), cborInt(crv)],
      [cborInt(-2), bytes(x)],
      [cborInt(-3), bytes(y)],
    ]);
  const [one, other, larger] = [jwkOf('P-256'), jwkOf('P-256'), jwkOf('P-384')];
  const rsa = (modulusLength: number, publicExponent = 65_537) =>
    coseKey(generateKeyPairSync('rsa', { modulusLength, publicExponent }).publicKey, 'RS256');

  test.each([
    ['another algorithm', ec(-35, 2, larger.x, larger.y)],
    ['ES256 with another curve', ec(-7, 2, larger.x, larger.y)],
    ['a point that is not on the curve', ec(-7, 1, one.x, other.y)],
    ['an empty point', ec(-7, 1, '', '')],
    ['EdDSA with a key of another type', ec(-8, 6, one.x, one.y)],
    ['RSA with 1024 bits', rsa(1024)],
    ['RSA with the exponent 3', rsa(2048, 3)],
    ['no key at all', cborMap([])],
  ])('%s', async (_name, publicKey) => {
    const authenticator = createAuthenticator({ origin: ORIGIN });
    expect(['malformed', 'unsupported-key']).toContain(
      await reasonOf(enroll(authenticator, { publicKey })),
    );
  });
});
