import type { Config } from '../config.ts';
import { html } from '../kernel/html.ts';
import type { HttpAnswer, RequestHead } from './exchange.ts';
import { GRAPHIQL_SCRIPT, GRAPHIQL_STYLE } from './graphiql-script.ts';
import { starterTabs } from './graphiql-tabs.ts';

/**
 * The GraphiQL page. It contains 9 MB of script, so it is rendered once and every response shares the same bytes:
 * a slow reader does not keep a copy in memory (HT-5c).
 */
export function createGraphiqlPage({ appName }: Pick<Config, 'appName'>) {
  let body: Promise<Buffer> | undefined;
  return async (): Promise<HttpAnswer> => {
    body ??= render(`${appName} GraphiQL`);
    return { status: 200, headers: { 'content-type': 'text/html' }, body: await body };
  };
}

/** The call with which the package's page starts GraphiQL. Its options can only be JSON. */
const START = 'YogaGraphiQL.renderYogaGraphiQL(';

/** @throws Error if the package's page does not have the shape that this code expects */
async function render(title: string): Promise<Buffer> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const safeTitle = html`${title}`.toString();
  const page = renderGraphiQL({ title: safeTitle });
  const start = page.lastIndexOf(START);
  const end = page.indexOf('</script>', start);
  const head = page.indexOf('</head>');
  if (start < 0 || end < 0 || head < 0)
    throw new Error('The page of GraphiQL has an unexpected shape.');
  // Inside a script element only `<` can end it.
  const data = JSON.stringify({ title: safeTitle, tabs: starterTabs() }).replaceAll('<', '\\u003c');
  return Buffer.from(
    `${page.slice(0, head)}<style>${GRAPHIQL_STYLE}</style>${page.slice(head, start)}` +
      `const page = ${data};${GRAPHIQL_SCRIPT}${page.slice(end)}`,
  );
}

/** True for a browser that opens /graphql. */
export function asksForPage({ method, headers }: Pick<RequestHead, 'method' | 'headers'>): boolean {
  return method === 'GET' && (headers.get('accept')?.includes('text/html') ?? false);
}
