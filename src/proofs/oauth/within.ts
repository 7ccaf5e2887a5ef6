import { OAuthFailedError } from './errors.ts';

/**
 * Limits the wait for a provider over all of its requests. Each request also ends by its own timeout.
 *
 * @throws OAuthFailedError if the time has passed
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
