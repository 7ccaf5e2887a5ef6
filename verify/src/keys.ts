import { type CryptoKey, createRemoteJWKSet, customFetch, errors } from 'jose';

/**
 * How long the last known keys are used while the issuer cannot be reached. No access token that was issued
 * before lives longer, so nothing is lost by stopping then.
 */
const STALE_FOR = 30 * 60_000;

/**
 * The pause after a failed read, during which the issuer is not asked again. A forged token costs its sender
 * nothing. Without this pause, each one would cause a request to the issuer while it is down.
 */
const RETRY_AFTER = 5_000;

/** The issuer's keys could not be read. This says nothing about the token: answer 503, not 401. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';

  constructor(options?: ErrorOptions) {
    super('The keys of the issuer could not be read.', options);
  }
}

/** The issuer's published keys, read when they are needed. */
export type RemoteKeys = {
  /**
   * @returns null if there is no such key
   * @throws KeysUnavailableError if this cannot be determined
   */
  find(kid: string): Promise<CryptoKey | null>;
};

/**
 * Reads the keys at most every ten minutes, and for an unknown `kid` at most every thirty seconds. The issuer
 * publishes a key sixteen minutes before it signs with it, so a rotation causes no failure. After a failed
 * read, the issuer is not asked for five seconds.
 */
export function createRemoteKeys(url: URL, fetch: typeof globalThis.fetch): RemoteKeys {
  let last: { readonly body: string; readonly at: number } | null = null;
  let failure: { readonly error: unknown; readonly at: number } | null = null;

  const read = async (...request: Parameters<typeof fetch>): Promise<void> => {
    try {
      // jose sends `redirect: 'manual'`, so a redirect contains no keys.
      const response = await fetch(...request);
      const body = await response.text();
      if (response.redirected) throw new TypeError('The response came from another URL.');
      if (response.status !== 200) throw new TypeError(`The answer was ${response.status}.`);
      if (!Array.isArray(JSON.parse(body)?.keys))
        throw new TypeError('The response is not a key set.');
      last = { body, at: Date.now() };
      failure = null;
    } catch (error) {
      failure = { error, at: Date.now() };
    }
  };

  const readOrRemember = async (...request: Parameters<typeof fetch>): Promise<Response> => {
    // The absolute difference, because a clock that was set back must not block reads for hours.
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
        // A `kid` that is missing in keys that may be outdated is not proven to be unknown.
        if (cause instanceof errors.JWKSNoMatchingKey && failure === null) return null;
        throw new KeysUnavailableError({ cause });
      }
    },
  };
}
