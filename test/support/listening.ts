import { connect, type Socket } from 'node:net';
import type { ConnectionLimits } from '../../src/http/connections.ts';
import { createHttpServer } from '../../src/http/http-server.ts';
import { type ServerOptions, startTestServer, type TestServer } from './server.ts';

/** A test server with its door open: real sockets, the same listener as in production. */
export type ListeningServer = TestServer & {
  readonly port: number;
  readonly url: string;
  /** Sends raw bytes and reads until the other side closes or the time has passed. */
  raw(bytes: string | readonly Buffer[], milliseconds?: number): Promise<string>;
};

export type ListeningOptions = ServerOptions & { readonly limits?: Partial<ConnectionLimits> };

export async function startListening(options: ListeningOptions = {}): Promise<ListeningServer> {
  const { limits, ...own } = options;
  const server = await startTestServer(own);
  const { config, log } = server.app.deps;
  const http = createHttpServer(server.app, config, log, limits);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    ...server,
    port,
    url: `http://127.0.0.1:${port}`,
    raw: (bytes, milliseconds = 3_000) => converse(port, bytes, milliseconds),
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await server.close();
    },
  };
}

function converse(
  port: number,
  bytes: string | readonly Buffer[],
  milliseconds: number,
): Promise<string> {
  return new Promise((resolve) => {
    const received: Buffer[] = [];
    const socket: Socket = connect(port, '127.0.0.1', () => {
      const parts: readonly Buffer[] =
        typeof bytes === 'string' ? [Buffer.from(bytes, 'latin1')] : bytes;
      for (const part of parts) socket.write(part);
    });
    const done = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(Buffer.concat(received).toString('latin1'));
    };
    const timer = setTimeout(done, milliseconds);
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.on('close', done);
    // A reset is an answer, too: what came before it counts.
    socket.on('error', done);
  });
}
