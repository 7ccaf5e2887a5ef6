import type { KeyObject } from 'node:crypto';
import { createVerifier, type VerifierOptions } from '../../verify/src/index.ts';
import { AUDIENCE, ISSUER, KID, testDeps } from '../access-token/support.ts';

/** What the URL of the published keys responds. */
export type Mode =
  | 'up'
  | 'down'
  | 'error'
  | 'gateway page'
  | 'not a key set'
  | 'redirect'
  | 'redirect that was followed';

/** An issuer with one key, whose key URL can fail, and a verifier of its tokens. */
export function createIssuer(options: Partial<VerifierOptions> = {}) {
  const deps = testDeps();
  const published = new Map<string, KeyObject>([[KID, deps.publicKey]]);
  const network: { mode: Mode; requests: number } = { mode: 'up', requests: 0 };

  const keySet = () => Response.json({ keys: [...published].map(([kid, key]) => jwk(kid, key)) });

  const fetch: typeof globalThis.fetch = async (input) => {
    network.requests += 1;
    if (String(input) !== `${ISSUER}/.well-known/jwks.json`) throw new Error('Another address.');
    switch (network.mode) {
      case 'up':
        return keySet();
      case 'down':
        throw new TypeError('fetch failed');
      case 'error':
        return Response.json({ error: 'unavailable' }, { status: 503 });
      case 'gateway page':
        return new Response('<html>Sign in to the hotel’s network</html>');
      case 'not a key set':
        return Response.json({ hello: 'world' });
      case 'redirect':
        return new Response(null, { status: 307, headers: { location: 'https://evil.test/' } });
      case 'redirect that was followed':
        // As the fetch of React Native responds, which does not know `redirect: 'manual'`.
        return Object.defineProperty(keySet(), 'redirected', { value: true });
    }
  };
  const verifier = createVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    now: () => deps.clock.now(),
    fetch,
    ...options,
  });
  return { deps, published, network, verifier };
}

function jwk(kid: string, key: KeyObject): object {
  return { ...key.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' };
}
