import { REFRESH } from './generated/session-documents.ts';
import { type Clock, pause, schedule } from './ports.ts';
import type { SignedInTokens } from './tokens.ts';
import { type Transport, UnreachableError } from './transport.ts';

/**
 * An exchange whose answer was lost is tried again with the same token: inside the server's replay
 * window (30 s) that yields the same successor. Four tries of at most 5 s and these pauses stay
 * inside it.
 */
const PAUSES = [300, 1000, 3000] as const;
const TRY_LIMIT = 5000;

/** What an exchange came to. `refused` is the server's word that the session is over. */
export type Exchange =
  | { readonly kind: 'renewed'; readonly signedIn: SignedInTokens; readonly askedAt: number }
  | { readonly kind: 'refused' };

/**
 * Exchanges a refresh token; null stands for the one in the cookie.
 *
 * @throws UnreachableError when no answer came: the session may well live on
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

/** Asking again at once would only prolong it. */
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
    // What is kept is no token at all: asking again cannot mend it.
    case 'InvalidInputError':
      return { kind: 'refused' };
    case 'RateLimitedError':
      throw new UnreachableError({ cause: new RateLimited() });
    default:
      throw new UnreachableError({ cause: answer.errors?.[0] });
  }
}

/** A request that hangs must not hold every tab's refresh. */
async function within<Result>(
  clock: Clock,
  run: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  let cancel = () => {};
  const limit = new Promise<never>((_resolve, reject) => {
    cancel = schedule(clock, TRY_LIMIT, () => {
      // No DOMException: React Native has none.
      const cause = new Error('No answer in time.');
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
