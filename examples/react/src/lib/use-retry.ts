import { useEffect, useRef, useState } from 'react';

/** Seconds between tries: soon for a restart, seldom enough for an outage of an hour. */
const FIRST_WAIT = 1;
const LONGEST_WAIT = 30;

/** Tries again by itself while something has failed, at once when the network is back. */
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
    // Spread, so that a server that comes back does not meet every page at once.
    const wait = Math.min(FIRST_WAIT * 2 ** tries, LONGEST_WAIT) * (0.5 + Math.random());
    const timer = setTimeout(run, wait * 1000);
    window.addEventListener('online', run);
    return () => {
      clearTimeout(timer);
      window.removeEventListener('online', run);
    };
  }, [failed, tries]);
}
