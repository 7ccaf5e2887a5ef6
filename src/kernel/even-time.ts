/** What every answer to 'mail me' takes, in milliseconds: longer than writing the mail down does. */
export const MAIL_ANSWER_TIME = 100;

/**
 * Lets a result out no earlier than a fixed time after the beginning, so that how long the work
 * took, and with it whether there was any, cannot be told from outside (LG-5). Faults are let out
 * at the same time.
 */
export async function evenTime<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  const [result] = await Promise.allSettled([
    work(),
    new Promise((resolve) => setTimeout(resolve, milliseconds)),
  ]);
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}
