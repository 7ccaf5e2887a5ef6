import { useEffect, useState } from 'react';
import { serverNow } from './server-clock.ts';

/** No limit is longer than a day: whatever says so comes from a clock that is wrong. */
const LONGEST_WAIT = 24 * 60 * 60;

/** How many seconds are left until a moment of the server's, counting down; 0 for none, and afterwards. */
export function useSecondsUntil(moment: string | null): number {
  const [, tick] = useState(0);
  const seconds = secondsUntil(moment);
  const isWaiting = seconds > 0;
  useEffect(() => {
    if (!isWaiting) return;
    // Asked of the clock each time: a tab that slept has not waited longer for it.
    const timer = setInterval(() => tick((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, [isWaiting]);
  return seconds;
}

function secondsUntil(moment: string | null): number {
  if (moment === null) return 0;
  const seconds = Math.ceil((Date.parse(moment) - serverNow()) / 1000);
  return Math.min(Math.max(0, seconds), LONGEST_WAIT);
}
