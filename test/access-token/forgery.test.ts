import { CompactEncrypt } from 'jose';
import { describe, expect, test } from 'vitest';
import { signAccessToken } from '../../src/access-token/sign.ts';
import { readSignedToken } from '../../src/access-token/verify.ts';
import { createForgeries } from './forgeries.ts';
import {
  craft,
  GOOD_HEADER,
  goodPayload,
  KID,
  REQUEST,
  testDeps,
  verifyAccessToken,
} from './support.ts';

const deps = testDeps();
const payload = goodPayload(deps.clock.now());
const ours = deps.privateKey;
const header = (extra: object) => craft({ ...GOOD_HEADER, ...extra }, payload, ours);
const forgeries = createForgeries(deps);

describe('TK-1, TK-2: the verifier and forged tokens', () => {
  test('accepts a token that is assembled as the server does it', () => {
    expect(verifyAccessToken(deps, craft(GOOD_HEADER, payload, ours))).not.toBeNull();
  });

  test.each(Object.entries(forgeries))('refuses %s', (_, token) => {
    expect(verifyAccessToken(deps, token)).toBeNull();
  });

  test("refuses an encrypted token for the server's own key", async () => {
    const encrypt = new CompactEncrypt(Buffer.from(JSON.stringify(payload)));
    const token = await encrypt
      .setProtectedHeader({ ...GOOD_HEADER, alg: 'ECDH-ES', enc: 'A256GCM' })
      .encrypt(deps.publicKey);
    expect(verifyAccessToken(deps, token)).toBeNull();
  });

  test('uses the last of two header members of one name (RFC 7515 4)', () => {
    const doubled = `{"alg":"ES256","alg":"none","typ":"at+jwt","kid":"${KID}"}`;
    expect(verifyAccessToken(deps, craft(doubled, payload, ours))).toBeNull();
  });

  test('looks the key up in memory alone, by the exact kid', async () => {
    const asked: string[] = [];
    const keys = {
      ...deps.accessTokenKeys,
      verificationKey: (kid: string) => {
        asked.push(kid);
        return deps.accessTokenKeys.verificationKey(kid);
      },
    };
    const { token } = signAccessToken(deps, REQUEST);
    readSignedToken({ ...deps, accessTokenKeys: keys }, token);
    readSignedToken({ ...deps, accessTokenKeys: keys }, header({ kid: 'k'.repeat(65) }));
    expect(asked).toEqual([KID]);
  });
});
