import { useEffect, useRef, useState } from 'react';
import { useMessages } from '../context.ts';
import type { Problem } from './problem.ts';
import { useReachableAgain } from './use-reachable-again.ts';

/**
 * Watches a problem that ends by itself: a limit that resets, a server that returns.
 *
 * @param onEnd called once with a message when the problem has ended
 * @returns the seconds left to wait; 0 when the button may be pressed
 */
export function useWait(problem: Problem | null, onEnd: (words: string) => void): number {
  const { problems } = useMessages();
  const [, tick] = useState(0);
  const end = useRef(onEnd);
  end.current = onEnd;
  const until = problem?.wait?.until ?? 0;
  const seconds = secondsUntil(until);
  const isWaiting = seconds > 0;
  const { waitIsOver } = problems;
  useEffect(() => {
    if (until === 0) return;
    if (!isWaiting) return end.current(waitIsOver);
    const timer = setInterval(() => tick((count) => count + 1), 250);
    return () => clearInterval(timer);
  }, [until, isWaiting, waitIsOver]);
  useReachableAgain(problem?.isUnreachable === true, () => end.current(problems.reachableAgain));
  return seconds;
}

/** A duration as a countdown. */
export function countdown(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [hours = 0, ...rest] = parts;
  const shown = hours > 0 ? parts : rest;
  return shown.map((part, index) => (index === 0 ? part : String(part).padStart(2, '0'))).join(':');
}

function secondsUntil(until: number): number {
  return Math.max(0, Math.ceil((until - performance.now()) / 1000));
}
