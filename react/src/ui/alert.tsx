import type { Problem } from '../lib/problem.ts';
import { Icon } from './icons.tsx';
import { Sentence } from './sentence.tsx';

/** The problem of a button's action, announced to screen readers at once. */
export function Alert({
  problem,
  waiting = 0,
}: {
  readonly problem: Problem | null;
  readonly waiting?: number;
}) {
  if (!problem) return null;
  return (
    <div role="alert" className="lk-problem">
      <Icon name="alert" />
      <div>
        <Sentence problem={problem} seconds={waiting} />
      </div>
    </div>
  );
}
