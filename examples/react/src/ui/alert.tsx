import type { Problem } from '../lib/problem.ts';

/** What went wrong with a button, read out at once. */
export function Alert({ problem }: { readonly problem: Problem | null }) {
  if (!problem) return null;
  return (
    <div role="alert" className="problem">
      <p>{problem.summary}</p>
    </div>
  );
}
