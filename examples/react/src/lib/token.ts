import { useEffect, useState } from 'react';

/**
 * The token of the link that led here; null when there is none. It leaves the address bar at once:
 * what stands there ends up in histories, bookmarks and screenshots.
 */
export function useLinkToken(): string | null {
  const [token] = useState(() => new URLSearchParams(location.search).get('token'));
  useEffect(() => {
    if (token !== null) history.replaceState(null, '', location.pathname);
  }, [token]);
  return token;
}
