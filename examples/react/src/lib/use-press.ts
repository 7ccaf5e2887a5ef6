import { useState } from 'react';
import { type Problem, problemOfFault } from './problem.ts';
import { useWait } from './use-wait.ts';

/** What a button sets off: one press at a time, what went wrong, and how long it does not help to press again. */
export function usePress() {
  const [pressed, setPressed] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const waiting = useWait(problem, () => setProblem(null));
  const press = async (button: string, run: () => Promise<Problem | null>) => {
    if (waiting > 0) return;
    setPressed(button);
    setProblem(null);
    try {
      setProblem(await run());
    } catch (error) {
      setProblem(problemOfFault(error));
    } finally {
      setPressed(null);
    }
  };
  return { pressed, problem, press, waiting };
}
