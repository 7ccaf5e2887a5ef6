import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';

/** The built app on an origin of its own, with /graphql passed on: what a web server would do. */
export type AppServer = {
  readonly url: string;
  /** From here on /graphql is this server's. */
  passOnTo(api: string): void;
  close(): void;
};

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** As strict as an operator may be: whatever the app does against it is an error in the console. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
  "img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

export async function serveApp(folder: string): Promise<AppServer> {
  let api = '';
  const http = createServer((incoming, outgoing) => {
    if (incoming.url?.startsWith('/graphql')) passOn(api, incoming, outgoing);
    else sendFile(folder, incoming, outgoing).catch((error: Error) => outgoing.destroy(error));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return {
    url: `http://localhost:${port}`,
    passOnTo: (url) => {
      api = url;
    },
    close: () => {
      http.closeAllConnections();
      http.close();
    },
  };
}

/** A file of the build; its one page for every path that is none. */
async function sendFile(
  folder: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(incoming.url ?? '/', 'http://localhost');
  const type = TYPES[extname(pathname)];
  const file = type ? normalize(pathname) : '/index.html';
  const body = await readFile(join(folder, file)).catch(() => null);
  if (!body) return void outgoing.writeHead(404).end();
  outgoing
    .writeHead(200, {
      'content-type': type ?? TYPES['.html'],
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
    })
    .end(body);
}

function passOn(api: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method = 'GET', headers } = incoming;
  const onwards = request(new URL(incoming.url ?? '/', api), { method, headers });
  onwards.on('response', (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  onwards.on('error', () => outgoing.writeHead(502).end());
  outgoing.on('close', () => onwards.destroy());
  incoming.pipe(onwards);
}
