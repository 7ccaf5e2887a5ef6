import { useState } from 'react';
import { type Problem, problemOfFault } from './problem.ts';

/** What a button sets off: one press at a time, and what went wrong. */
export function usePress() {
  const [pressed, setPressed] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const press = async (button: string, run: () => Promise<Problem | null>) => {
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
  return { pressed, problem, press };
}
