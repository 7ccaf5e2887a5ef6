import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { discoveryDocument, jwks } from '../../src/access-token/discovery.ts';
import { createAccessTokenKeys } from '../../src/access-token/keys.ts';
import { signAccessToken } from '../../src/access-token/sign.ts';
import { createWorld, type World } from './database.ts';
import { AUDIENCE, config, ISSUER, REQUEST } from './support.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

async function serve() {
  const deps = world.instance();
  const accessTokenKeys = await createAccessTokenKeys(deps);
  world.onClose(() => accessTokenKeys.stop());
  const { token } = signAccessToken({ ...deps, accessTokenKeys }, REQUEST);
  // Over the wire and back.
  const document = JSON.parse(JSON.stringify(jwks(accessTokenKeys)));
  return { token, keys: createLocalJWKSet(document), document };
}

describe('a resource server with jose and the published keys', () => {
  test('accepts access tokens by the rules of RFC 9068', async () => {
    const { token, keys } = await serve();
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      issuer: discoveryDocument(config).issuer,
      audience: AUDIENCE,
      typ: 'at+jwt',
      algorithms: discoveryDocument(config).id_token_signing_alg_values_supported.slice(),
      requiredClaims: ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti', 'sid', 'auth_time'],
      maxTokenAge: 900,
      currentDate: world.clock.now(),
    });
    expect(payload.sub).toBe(REQUEST.userId);
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) });
  });

  test('refuses tokens for another audience, and changed tokens', async () => {
    const { token, keys } = await serve();
    const currentDate = world.clock.now();
    await expect(
      jwtVerify(token, keys, { audience: 'https://else.test', currentDate }),
    ).rejects.toMatchObject({ code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' });
    const [header, payload, signature] = token.split('.');
    const swapped = `${header}.${payload}.${signature?.split('').reverse().join('')}`;
    await expect(jwtVerify(swapped, keys, { currentDate })).rejects.toThrow();
  });

  test('finds only public members, each key by its kid', async () => {
    const { token, document } = await serve();
    for (const key of document.keys) {
      for (const member of ['d', 'k', 'p', 'q', 'dp', 'dq', 'qi', 'key_ops', 'ext']) {
        expect(key).not.toHaveProperty(member);
      }
    }
    const kids = document.keys.map(({ kid }: { readonly kid: string }) => kid);
    expect(kids).toContain(decodeProtectedHeader(token).kid);
    expect(new Set(kids).size).toBe(kids.length);
  });

  test('finds what it needs in the discovery document, which promises nothing else', () => {
    expect(discoveryDocument(config)).toMatchObject({
      issuer: ISSUER,
      jwks_uri: `${ISSUER}/.well-known/jwks.json`,
      id_token_signing_alg_values_supported: ['ES256'],
      response_types_supported: [],
      grant_types_supported: [],
    });
    const members = Object.keys(discoveryDocument(config));
    expect(members.filter((member) => member.endsWith('_endpoint'))).toEqual([]);
  });
});
