import type { Problem } from '../lib/problem.ts';
import { Sentence } from './sentence.tsx';

/** What went wrong with a button, read out at once. */
export function Alert({
  problem,
  waiting = 0,
}: {
  readonly problem: Problem | null;
  readonly waiting?: number;
}) {
  if (!problem) return null;
  return (
    <div role="alert" className="problem">
      <Sentence problem={problem} seconds={waiting} />
    </div>
  );
}
