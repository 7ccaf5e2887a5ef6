import type { Config } from '../config.ts';
import type { HttpAnswer, RequestHead } from './exchange.ts';
import { STARTER_TABS } from './graphiql-tabs.ts';

/**
 * The GraphiQL page. It is 9 MB of script, so it is made once, and every response shares its bytes:
 * readers who take their time hold no copy of their own (HT-5c).
 */
export function createGraphiqlPage({ appName }: Pick<Config, 'appName'>) {
  let body: Promise<Buffer> | undefined;
  return async (): Promise<HttpAnswer> => {
    body ??= render(`${appName} GraphiQL`);
    return { status: 200, headers: { 'content-type': 'text/html' }, body: await body };
  };
}

async function render(title: string): Promise<Buffer> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const page = renderGraphiQL({ title, defaultTabs: STARTER_TABS, shouldPersistHeaders: true });
  return Buffer.from(page);
}

/** True for a browser that opens /graphql. */
export function asksForPage({ method, headers }: Pick<RequestHead, 'method' | 'headers'>): boolean {
  return method === 'GET' && (headers.get('accept')?.includes('text/html') ?? false);
}
