import { useEffect, useRef, useState } from 'react';
import { duration, type Problem } from './problem.ts';
import { useReachableAgain } from './use-reachable-again.ts';

/**
 * Watches a problem that ends by itself: a limit that resets, a server that returns.
 *
 * @param onEnd called once with a message when the problem has ended
 * @returns the seconds left to wait; 0 when the button may be pressed
 */
export function useWait(problem: Problem | null, onEnd: (words: string) => void): number {
  const [, tick] = useState(0);
  const latestOnEnd = useRef(onEnd);
  latestOnEnd.current = onEnd;
  const until = problem?.wait?.until ?? 0;
  const seconds = secondsUntil(until);
  const isWaiting = seconds > 0;
  useEffect(() => {
    if (until === 0) return;
    if (!isWaiting) return latestOnEnd.current('You can try again now.');
    const timer = setInterval(() => tick((count) => count + 1), 250);
    return () => clearInterval(timer);
  }, [until, isWaiting]);
  useReachableAgain(problem?.isUnreachable === true, () =>
    latestOnEnd.current('The server is reachable again.'),
  );
  return seconds;
}

/** A duration as a countdown. */
export function countdown(seconds: number): string {
  if (seconds >= 3600) return duration(seconds);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function secondsUntil(until: number): number {
  return Math.max(0, Math.ceil((until - performance.now()) / 1000));
}
