import { type CryptoKey, createRemoteJWKSet, customFetch, errors } from 'jose';

/**
 * How long the last known keys serve while the issuer cannot be reached. No access token that was
 * issued before lives longer than that, so nothing is lost by stopping there.
 */
const STALE_FOR = 30 * 60_000;

/**
 * How long the issuer is left alone after a failed read, whoever asks. A forged token costs its
 * sender nothing; without this pause each one would cost the issuer a request while it is down.
 */
const RETRY_AFTER = 5_000;

/** The issuer's keys could not be read. Says nothing about the token: answer 503, not 401. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';

  constructor(options?: ErrorOptions) {
    super('The keys of the issuer could not be read.', options);
  }
}

/** The issuer's published keys, read when they are needed. */
export type RemoteKeys = {
  /**
   * @returns null when there is no such key
   * @throws KeysUnavailableError when that cannot be told
   */
  find(kid: string): Promise<CryptoKey | null>;
};

/**
 * Reads the keys at most every ten minutes, and for an unknown `kid` at most every thirty seconds;
 * the issuer publishes a key sixteen minutes before it signs, so a rotation is never noticed. After
 * a failed read nothing is asked for five seconds.
 */
export function createRemoteKeys(url: URL, fetch: typeof globalThis.fetch): RemoteKeys {
  let last: { readonly body: string; readonly at: number } | null = null;
  let failure: { readonly error: unknown; readonly at: number } | null = null;

  const read = async (...request: Parameters<typeof fetch>): Promise<void> => {
    try {
      // jose sends `redirect: 'manual'`: an answer that points elsewhere has no keys of the issuer.
      const response = await fetch(...request);
      const body = await response.text();
      if (response.redirected) throw new TypeError('The answer came from another address.');
      if (response.status !== 200) throw new TypeError(`The answer was ${response.status}.`);
      if (!Array.isArray(JSON.parse(body)?.keys)) throw new TypeError('The answer is no key set.');
      last = { body, at: Date.now() };
      failure = null;
    } catch (error) {
      failure = { error, at: Date.now() };
    }
  };

  const readOrRemember = async (...request: Parameters<typeof fetch>): Promise<Response> => {
    // The absolute difference, because a clock that was set back must not close the door for hours.
    const isResting = failure !== null && Math.abs(Date.now() - failure.at) < RETRY_AFTER;
    if (!isResting) await read(...request);
    if (last && (failure === null || Date.now() - last.at <= STALE_FOR)) {
      return new Response(last.body);
    }
    throw failure?.error;
  };

  const keys = createRemoteJWKSet(url, {
    [customFetch]: (address, init) => readOrRemember(address, init),
    cacheMaxAge: 600_000,
    cooldownDuration: 30_000,
    timeoutDuration: 5_000,
  });

  return {
    find: async (kid) => {
      try {
        return await keys({ alg: 'ES256', kid });
      } catch (cause) {
        // Unknown to keys that are known to be old is not unknown.
        if (cause instanceof errors.JWKSNoMatchingKey && failure === null) return null;
        throw new KeysUnavailableError({ cause });
      }
    },
  };
}
