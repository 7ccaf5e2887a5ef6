import { useEffect, useState } from 'react';

/** The clock of this device may be off by hours: nobody waits longer than this for it. */
const LONGEST_WAIT = 15 * 60;

/** How many seconds are left until a moment, counting down; 0 for none, and afterwards. */
export function useSecondsUntil(moment: string | null): number {
  const [shown, setShown] = useState({ moment, seconds: secondsUntil(moment) });
  // Another moment counts from now, not from the next second.
  const seconds = shown.moment === moment ? shown.seconds : secondsUntil(moment);
  if (shown.moment !== moment) setShown({ moment, seconds });
  useEffect(() => {
    if (moment === null || seconds === 0) return;
    const timer = setTimeout(() => setShown({ moment, seconds: seconds - 1 }), 1000);
    return () => clearTimeout(timer);
  }, [moment, seconds]);
  return seconds;
}

function secondsUntil(moment: string | null): number {
  if (moment === null) return 0;
  const seconds = Math.ceil((Date.parse(moment) - Date.now()) / 1000);
  return Math.min(Math.max(0, seconds), LONGEST_WAIT);
}
