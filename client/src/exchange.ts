import { REFRESH } from './generated/session-documents.ts';
import { type Clock, pause, schedule } from './ports.ts';
import type { SignedInTokens } from './tokens.ts';
import { type Transport, UnreachableError } from './transport.ts';

/**
 * A refresh whose response was lost is retried with the same token. Within the server's replay window (30 s)
 * the server returns the same successor. Four attempts of at most 5 s each, with these pauses, stay within the
 * window.
 */
const PAUSES = [300, 1000, 3000] as const;
const TRY_LIMIT = 5000;

/** The outcome of exchanging a refresh token. `refused` means that the server says the session has ended. */
export type Exchange =
  | { readonly kind: 'renewed'; readonly signedIn: SignedInTokens; readonly askedAt: number }
  | { readonly kind: 'refused' };

/**
 * Exchanges a refresh token for new tokens. Null stands for the token in the cookie.
 *
 * @throws UnreachableError if no response arrived. The session may still be valid.
 */
export async function exchange(
  transport: Transport,
  clock: Clock,
  refreshToken: string | null,
): Promise<Exchange> {
  for (const wait of PAUSES) {
    try {
      return await exchangeOnce(transport, clock, refreshToken);
    } catch (error) {
      if (!(error instanceof UnreachableError) || error.cause instanceof RateLimited) throw error;
      await pause(clock, wait);
    }
  }
  return exchangeOnce(transport, clock, refreshToken);
}

/** Not retried at once, because another attempt would prolong the limit. */
class RateLimited extends Error {}

async function exchangeOnce(
  transport: Transport,
  clock: Clock,
  refreshToken: string | null,
): Promise<Exchange> {
  const askedAt = clock.now();
  const answer = await within(clock, (signal) =>
    transport({
      query: REFRESH,
      ...(refreshToken !== null && { variables: { input: { refreshToken } } }),
      signal,
    }),
  );
  const result = answer.data?.['refreshToken'] as
    | ({ readonly __typename: string } & SignedInTokens)
    | undefined;
  switch (result?.__typename) {
    case 'SignedIn':
      return { kind: 'renewed', signedIn: result, askedAt };
    case 'InvalidTokenError':
    // The stored value is not a token, so another attempt cannot succeed.
    case 'InvalidInputError':
      return { kind: 'refused' };
    case 'RateLimitedError':
      throw new UnreachableError({ cause: new RateLimited() });
    default:
      throw new UnreachableError({ cause: answer.errors?.[0] });
  }
}

/** Fails after the given time, because a request that hangs must not block the refresh of every tab. */
async function within<Result>(
  clock: Clock,
  run: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  let cancel = () => {};
  const limit = new Promise<never>((_resolve, reject) => {
    cancel = schedule(clock, TRY_LIMIT, () => {
      // Not a DOMException, because React Native has none.
      const cause = new Error('No response in time.');
      reject(new UnreachableError({ cause }));
      controller.abort(cause);
    });
  });
  try {
    return await Promise.race([run(controller.signal), limit]);
  } finally {
    cancel();
  }
}
