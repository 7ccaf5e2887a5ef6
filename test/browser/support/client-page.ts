import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** An origin whose every page has the client library as `window.latchkey`, and nothing else. */
export type ClientPage = { readonly url: string; close(): void };

const ENTRY = fileURLToPath(new URL('./client-entry.ts', import.meta.url));

export async function serveClientPage(): Promise<ClientPage> {
  const { outputFiles } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    format: 'esm',
    conditions: ['@latchkey/source'],
    write: false,
  });
  const page = `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Tab</title>
<script type="module">${outputFiles[0]?.text ?? ''}</script></html>`;
  const http = createServer((_incoming, outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  return { url: `http://localhost:${port}`, close: () => http.close() };
}
