/**
 * Spreads a herd over turns of the event loop, so many a turn. All of a herd is then looked at before
 * the first of it is worked for: those behind who are refused do not wait for the work of those before
 * them who are not (RL-12).
 *
 * @returns waits for the next turn that is free
 */
export function createTurns(perTurn: number): () => Promise<void> {
  const waiting: (() => void)[] = [];
  let isRunning = false;

  const turn = () => {
    for (const proceed of waiting.splice(0, perTurn)) proceed();
    isRunning = waiting.length > 0;
    if (isRunning) setImmediate(turn);
  };

  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (isRunning) return;
      isRunning = true;
      setImmediate(turn);
    });
}
