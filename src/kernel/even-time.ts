/**
 * The duration of every answer to a request for a mail, in milliseconds: longer than storing the mail takes.
 */
export const MAIL_ANSWER_TIME = 100;

/**
 * Returns a result no earlier than a fixed time after the start. The duration then reveals neither how long the
 * work took nor whether there was any (LG-5). Faults are delayed to the same time.
 */
export async function evenTime<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  const [result] = await Promise.allSettled([
    work(),
    new Promise((resolve) => setTimeout(resolve, milliseconds)),
  ]);
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}
