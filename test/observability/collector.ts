import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** An OTLP collector that keeps what it is sent, byte for byte. */
export async function createCollector() {
  const received: { readonly path: string; readonly headers: object; readonly body: Buffer }[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { url: path = '', headers } = incoming;
    received.push({ path, headers, body: Buffer.concat(chunks) });
    outgoing.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return {
    received,
    url: `http://127.0.0.1:${port}`,
    /** All that came to a path. Texts stand in protobuf as they are. */
    bytes: (path: string) =>
      Buffer.concat(received.filter((one) => one.path === path).map(({ body }) => body)),
  };
}
