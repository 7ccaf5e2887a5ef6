import { useEffect, useRef, useState } from 'react';
import { duration, type Problem } from './problem.ts';
import { useReachableAgain } from './use-reachable-again.ts';

/**
 * Watches a problem that passes by itself: a limit that opens again, a server that comes back.
 *
 * @param onOver is told once what there is to say about it
 * @returns how long to wait still, in seconds; 0 when the button may be pressed
 */
export function useWait(problem: Problem | null, onOver: (words: string) => void): number {
  const [, tick] = useState(0);
  const over = useRef(onOver);
  over.current = onOver;
  const until = problem?.wait?.until ?? 0;
  const seconds = secondsUntil(until);
  const isWaiting = seconds > 0;
  useEffect(() => {
    if (until === 0) return;
    if (!isWaiting) return over.current('You can try again now.');
    const timer = setInterval(() => tick((count) => count + 1), 250);
    return () => clearInterval(timer);
  }, [until, isWaiting]);
  useReachableAgain(problem?.isUnreachable === true, () =>
    over.current('The server can be reached again.'),
  );
  return seconds;
}

/** A time to wait as a clock counts it down. */
export function countdown(seconds: number): string {
  if (seconds >= 3600) return duration(seconds);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function secondsUntil(until: number): number {
  return Math.max(0, Math.ceil((until - performance.now()) / 1000));
}
