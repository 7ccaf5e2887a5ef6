import { useState } from 'react';
import { type Problem, useProblems } from './problem.ts';
import { useWait } from './use-wait.ts';

/**
 * The state of a button's action: one click at a time, the problem, and how long to wait before the next click.
 */
export function usePress() {
  const { problemOfFault } = useProblems();
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
