import { OAuthFailedError } from './errors.ts';

/**
 * Ends the waiting for a provider, however its calls are strung together; each of them ends by its
 * own timeout.
 *
 * @throws OAuthFailedError when the time is over
 */
export async function within<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const error = new OAuthFailedError('provider-unreachable', 'TIMEOUT');
    timer = setTimeout(() => reject(error), milliseconds);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
