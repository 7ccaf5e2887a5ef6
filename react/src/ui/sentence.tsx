import { useMessages } from '../context.ts';
import type { Problem } from '../lib/problem.ts';
import { countdown } from '../lib/use-wait.ts';

/**
 * A problem as a sentence. While a limit is exhausted, the remaining time is shown as a countdown. Screen
 * readers get the sentence with the whole time once, because a number each second would drown out everything
 * else.
 */
export function Sentence({
  problem: { summary, wait },
  seconds,
}: {
  readonly problem: Problem;
  readonly seconds: number;
}) {
  const { problems } = useMessages();
  if (!wait || seconds === 0) return <p>{summary}</p>;
  return (
    <>
      <p className="lk-unseen">{summary}</p>
      <p aria-hidden>
        {problems.tryAgainInCountdown(wait.cause)}
        <strong className="lk-countdown">{countdown(seconds)}</strong>.
      </p>
    </>
  );
}
