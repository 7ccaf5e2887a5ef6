import type { BrowserContext } from 'playwright-core';

/** What a person would only see in the browser's tools; empty when all is well. */
export type Watch = { readonly problems: readonly string[] };

/** From here on every error and warning of every page is noted, and every request that failed. */
export function watch(context: BrowserContext): Watch {
  const problems: string[] = [];
  context.on('weberror', (error) => problems.push(`thrown: ${error.error().message}`));
  context.on('console', (line) => {
    if (line.type() === 'error' || line.type() === 'warning') {
      problems.push(`${line.type()}: ${line.text()}`);
    }
  });
  context.on('requestfailed', (request) => {
    // A page that is left takes what it was still asking for with it.
    const reason = request.failure()?.errorText;
    if (reason !== 'net::ERR_ABORTED') problems.push(`${reason}: ${request.url()}`);
  });
  context.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
  });
  return { problems };
}
