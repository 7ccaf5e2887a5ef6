import { useEffect, useRef, useState } from 'react';

/** Seconds between attempts: short enough for a restart, long enough for an outage of an hour. */
const FIRST_WAIT = 1;
const LONGEST_WAIT = 30;

/** Retries while something has failed, and at once when the network returns. */
export function useRetry(failed: boolean, retry: () => void): void {
  const [tries, setTries] = useState(0);
  const again = useRef(retry);
  again.current = retry;
  useEffect(() => {
    if (!failed) return setTries(0);
    const run = () => {
      setTries((count) => count + 1);
      again.current();
    };
    // Randomized, so that not every page sends its request at the moment when the server returns.
    const wait = Math.min(FIRST_WAIT * 2 ** tries, LONGEST_WAIT) * (0.5 + Math.random());
    const timer = setTimeout(run, wait * 1000);
    window.addEventListener('online', run);
    return () => {
      clearTimeout(timer);
      window.removeEventListener('online', run);
    };
  }, [failed, tries]);
}
