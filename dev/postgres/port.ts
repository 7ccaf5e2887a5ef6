import { once } from 'node:events';
import { createServer } from 'node:net';

/** How many ports after the wished one are tried before any free one is taken. */
const NEIGHBORS = 10;

/** A port that is free on 127.0.0.1 now: the wished one, one of the next, or any (0). */
export async function freePort(wished: number): Promise<number> {
  if (wished !== 0) {
    for (let port = wished; port < wished + NEIGHBORS && port < 65_536; port += 1) {
      const free = await tryPort(port);
      if (free !== undefined) return free;
    }
  }
  const free = await tryPort(0);
  if (free === undefined) throw new Error('No free port on 127.0.0.1');
  return free;
}

async function tryPort(port: number): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen({ host: '127.0.0.1', port, exclusive: true });
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : undefined;
  } catch {
    return undefined;
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}
