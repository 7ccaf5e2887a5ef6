const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])$/;

/** What is asked of a browser's globals, whose types only the DOM's library has. */
type Browser = {
  readonly location?: { readonly hostname: string; readonly href: string; readonly origin: string };
  readonly origin?: string;
};

/**
 * A browser does not tell a page why a request to another origin failed. On a developer's own machine
 * the likeliest cause is a server that does not allow the page, or a frame that none can allow.
 *
 * @returns what to tell the developer; null where there is no other origin or no developer
 */
export function corsHint(endpoint: string | URL): string | null {
  const { location: page, origin: ownOrigin } = globalThis as Browser;
  if (!page || !LOOPBACK.test(page.hostname)) return null;
  const { origin } = new URL(endpoint, page.href);
  // `location.origin` is where a sandboxed frame came from; what it sends along is `null`.
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
