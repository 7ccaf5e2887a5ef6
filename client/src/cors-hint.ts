const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])$/;

let isGiven = false;

/**
 * A browser does not tell a page why a request to another origin failed. On a developer's own machine
 * the likeliest cause is a server that does not allow the page, so the console says so once.
 */
export function hintAtCors(endpoint: string | URL): void {
  const page: Location | undefined = globalThis.location;
  if (isGiven || !page || !LOOPBACK.test(page.hostname)) return;
  const { origin } = new URL(endpoint, page.href);
  if (origin === page.origin) return;
  isGiven = true;
  // biome-ignore lint/suspicious/noConsole: the developer reads nothing else at that moment
  console.warn(
    `Latchkey: no answer from ${origin}. If it runs, it may not allow this page: ` +
      `its log then names the setting, CORS_ORIGINS=${page.origin}`,
  );
}
