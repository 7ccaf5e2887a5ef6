import type { BrowserContext } from 'playwright-core';

/**
 * Notes what a person would only see in the browser's tools: every error and warning of our own
 * pages, and every request of theirs that failed. Other people's pages, a provider's, are theirs.
 *
 * @returns where it is noted, a line each
 */
export function watch(context: BrowserContext, origins: readonly string[]): string[] {
  const problems: string[] = [];
  const isOurs = (url: string) => origins.some((origin) => url.startsWith(origin));
  context.on('weberror', (error) => {
    if (isOurs(error.page()?.url() ?? '')) problems.push(`thrown: ${error.error().message}`);
  });
  context.on('console', (line) => {
    const isBad = line.type() === 'error' || line.type() === 'warning';
    if (isBad && isOurs(line.page()?.url() ?? '')) problems.push(`${line.type()}: ${line.text()}`);
  });
  context.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText;
    // A page that is left takes what it was still asking for with it.
    if (reason !== 'net::ERR_ABORTED' && isOurs(request.url())) {
      problems.push(`${reason}: ${request.url()}`);
    }
  });
  context.on('response', (response) => {
    if (response.status() >= 400 && isOurs(response.url())) {
      problems.push(`${response.status()}: ${response.url()}`);
    }
  });
  return problems;
}
