import { createServer, type RequestListener } from 'node:http';

/** A server of one answer on loopback, until the process ends. */
export async function answering(
  status: number,
  {
    host = '127.0.0.1',
    onRequest,
  }: { readonly host?: string; readonly onRequest?: RequestListener } = {},
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer((incoming, outgoing) => {
    onRequest?.(incoming, outgoing);
    outgoing.writeHead(status).end();
  }).unref();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('It listens on no port.');
  return {
    port: address.port,
    close: async () => {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
