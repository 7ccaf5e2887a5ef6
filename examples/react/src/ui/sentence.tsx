import type { Problem } from '../lib/problem.ts';
import { countdown } from '../lib/use-wait.ts';

/**
 * What went wrong in a sentence. While a limit is closed the eye sees the time run; read out is the sentence
 * with the whole wait, once: a number each second would drown everything else.
 */
export function Sentence({
  problem: { summary, wait },
  seconds,
}: {
  readonly problem: Problem;
  readonly seconds: number;
}) {
  if (!wait || seconds === 0) return <p>{summary}</p>;
  return (
    <>
      <p className="unseen">{summary}</p>
      <p aria-hidden>
        {wait.cause} Try again in <strong className="countdown">{countdown(seconds)}</strong>.
      </p>
    </>
  );
}
