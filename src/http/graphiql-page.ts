import type { Config } from '../config.ts';
import { html } from '../kernel/html.ts';
import type { HttpAnswer, RequestHead } from './exchange.ts';
import { GRAPHIQL_SCRIPT, GRAPHIQL_STYLE } from './graphiql-script.ts';
import { starterTabs } from './graphiql-tabs.ts';

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

/** Where the package's page starts GraphiQL, with options that can only be JSON. */
const START = 'YogaGraphiQL.renderYogaGraphiQL(';

/** @throws Error when the package's page has another shape than the one this was written for */
async function render(title: string): Promise<Buffer> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const safeTitle = html`${title}`.toString();
  const page = renderGraphiQL({ title: safeTitle });
  const start = page.lastIndexOf(START);
  const end = page.indexOf('</script>', start);
  const head = page.indexOf('</head>');
  if (start < 0 || end < 0 || head < 0) throw new Error('The page of GraphiQL has another shape.');
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
