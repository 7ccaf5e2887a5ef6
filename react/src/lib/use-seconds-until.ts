import { useEffect, useState } from 'react';
import { serverNow } from './server-clock.ts';

/** No limit is longer than a day. A longer one comes from a wrong clock. */
const LONGEST_WAIT = 24 * 60 * 60;

/** The number of seconds until a time of the server, counting down; 0 if there is none or it has passed. */
export function useSecondsUntil(moment: string | null): number {
  const [, tick] = useState(0);
  const seconds = secondsUntil(moment);
  const isWaiting = seconds > 0;
  useEffect(() => {
    if (!isWaiting) return;
    // The clock is read each time, because a suspended tab misses ticks.
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
