import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** What lies between a server and its database, and how often it went there and back. */
export type Wire = {
  /** The database's URL by way of the wire. */
  readonly url: string;
  /** Round roundTrips so far, over all connections. */
  roundTrips(): number;
};

/**
 * Carries every byte on and counts on each connection how often the client speaks after the
 * database did: once for each time that it waited for an answer before it went on.
 */
export async function openWire(databaseUrl: string): Promise<Wire> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let roundTrips = 0;
  const server = createServer((client) => {
    const database = connect({ host: target.hostname, port: Number(target.port), noDelay: true });
    let asking = false;
    let isWatch = false;
    client.once('data', (startup) => {
      // Readiness asks on a connection of its own, whoever calls.
      isWatch = startup.includes('latchkey watch');
    });
    for (const socket of [client, database]) {
      sockets.add(socket);
      socket.on('close', () => {
        client.destroy();
        database.destroy();
      });
      socket.on('error', () => socket.destroy());
    }
    client.on('data', (bytes) => {
      if (!asking && !isWatch) roundTrips += 1;
      asking = true;
      database.write(bytes);
    });
    database.on('data', (bytes) => {
      asking = false;
      client.write(bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  url.searchParams.set('sslmode', 'disable');
  return { url: url.href, roundTrips: () => roundTrips };
}
