import type { Server } from 'node:http';
import type { ListenOptions } from 'node:net';
import { errorCode } from '../kernel/errors.ts';

/** The address of a server, and the setting that determines it. */
export type Place = Pick<ListenOptions, 'exclusive' | 'reusePort'> & {
  readonly host: string;
  readonly port: number;
  readonly setting: 'PORT' | 'METRICS_PORT' | 'ADMIN_PORT';
};

/** Every address of IPv6 and IPv4: a socket of Linux, Windows and macOS accepts both. */
const EVERY_ADDRESS = '::';
const EVERY_IPV4_ADDRESS = '0.0.0.0';

/** The errors of systems without IPv6: no such family (ipv6.disable=1), no such address. */
const NO_IPV6 = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EINVAL']);

/**
 * Listens on an address. `::` accepts IPv4 as well, and IPv4 alone on a system without IPv6.
 *
 * @returns the address it listens on
 * @throws Error that names the setting to change if the port is in use
 */
export async function listen(server: Server, place: Place): Promise<string> {
  try {
    await listenOnce(server, place);
    return place.host;
  } catch (error) {
    if (place.host !== EVERY_ADDRESS || !NO_IPV6.has(errorCode(error) ?? ''))
      throw explained(error, place);
  }
  const ipv4 = { ...place, host: EVERY_IPV4_ADDRESS };
  try {
    await listenOnce(server, ipv4);
    return ipv4.host;
  } catch (error) {
    throw explained(error, ipv4);
  }
}

function listenOnce(server: Server, { setting: _, ...at }: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function explained(error: unknown, { host, port, setting }: Place): Error {
  const code = errorCode(error) ?? 'cannot be listened on';
  const reason = code === 'EADDRINUSE' ? `is in use; set ${setting} to a free port` : code;
  return new Error(`port ${port} on ${host} ${reason}.`);
}
