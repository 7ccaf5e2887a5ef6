const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])$/;

/** The browser globals that this module reads. Their types come only with the DOM library. */
type Browser = {
  readonly location?: { readonly hostname: string; readonly href: string; readonly origin: string };
  readonly origin?: string;
};

/**
 * Explains to a developer why a request failed. A browser does not reveal why a request to another origin
 * failed. On a developer's own machine, the most likely cause is a server that does not allow the page's
 * origin, or a sandboxed frame that no server can allow.
 *
 * @returns the hint; null if the endpoint has the same origin or the page does not run on a developer's machine
 */
export function corsHint(endpoint: string | URL): string | null {
  const { location: page, origin: ownOrigin } = globalThis as Browser;
  if (!page || !LOOPBACK.test(page.hostname)) return null;
  const { origin } = new URL(endpoint, page.href);
  // In a sandboxed frame, `location.origin` is the origin of its URL, but the frame sends `Origin: null`.
  if (ownOrigin === 'null') {
    return (
      `Latchkey: no answer from ${origin}. This frame has no origin that a server could allow: it is ` +
      'sandboxed without allow-same-origin. Let the page around it ask, by a transport of your own'
    );
  }
  if (origin === page.origin) return null;
  return (
    `Latchkey: no answer from ${origin}. If it runs, it may not allow this page: ` +
    `its log then names the setting, CORS_ORIGINS=${page.origin}`
  );
}
