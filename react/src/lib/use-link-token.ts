import { useEffect, useState } from 'react';

/**
 * The token of the link that was opened; null if there is none. It is removed from the address bar at once,
 * because addresses end up in histories, bookmarks and screenshots.
 */
export function useLinkToken(): string | null {
  const [token] = useState(() => new URLSearchParams(location.search).get('token'));
  useEffect(() => {
    // The state belongs to the app's router, which finds its place in the history by it.
    if (token !== null) history.replaceState(history.state, '', location.pathname);
  }, [token]);
  return token;
}
