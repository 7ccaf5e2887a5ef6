import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { DatabaseTarget } from '../../kernel/database-url.ts';
import { isLoopbackHost } from '../../kernel/network.ts';
import { canonicalAddress } from '../../kernel/source.ts';
import { connect, isUnixSocket, nameOfHost } from './connect.ts';

/** The protection of the connection to the database. */
export type Protection =
  | { readonly kind: 'socket' }
  | { readonly kind: 'plain'; readonly at: string; readonly isLoopback: boolean }
  | {
      readonly kind: 'tls';
      readonly at: string;
      readonly protocol: string;
      /** True if the certificate was verified. */
      readonly isVerified: boolean;
      /** The name in the certificate's subject. */
      readonly name: string;
      readonly validUntil: Date;
    };

/**
 * Opens a socket as the pool would, inspects it and closes it. The socket is inspected because `pg_stat_ssl`
 * behind a pooler describes the pooler's connection and not this server's.
 *
 * @returns null if no host could be reached
 */
export async function probeTls(
  { hosts, tls }: Pick<DatabaseTarget, 'hosts' | 'tls'>,
  timeout: number,
): Promise<Protection | null> {
  for (const host of hosts) {
    let newest: Socket | null = null;
    const isLate = Promise.withResolvers<null>();
    const timer = setTimeout(() => isLate.resolve(null), timeout);
    try {
      const socket = await Promise.race([
        connect(host, tls, (socket) => {
          newest = socket;
        }),
        isLate.promise,
      ]);
      if (socket) {
        const at = nameOfHost(host);
        if (isUnixSocket(host)) return { kind: 'socket' };
        if (socket instanceof TLSSocket) return describeTls(socket, at, tls.mode);
        return { kind: 'plain', at, isLoopback: isLoopbackAddress(socket) };
      }
    } catch {
      // The next host may work. If none does, a login reports the reason.
    } finally {
      clearTimeout(timer);
      destroy(newest);
    }
  }
  return null;
}

/**
 * Destroys only the newest socket, which destroys the sockets beneath it. Node.js (26.10) crashes with a
 * segmentation fault if a socket is destroyed before the TLS socket on top of it.
 */
function destroy(socket: Socket | null): void {
  socket?.destroy();
}

function describeTls(socket: TLSSocket, at: string, mode: string): Protection {
  const { subject, valid_to: validTo } = socket.getPeerCertificate();
  const name = subject?.CN;
  return {
    kind: 'tls',
    at,
    protocol: socket.getProtocol() ?? 'TLS',
    isVerified: mode === 'verify-full' || mode === 'verify-ca',
    name: typeof name === 'string' ? name : at,
    validUntil: new Date(validTo),
  };
}

function isLoopbackAddress({ remoteAddress }: Socket): boolean {
  return isLoopbackHost(canonicalAddress(remoteAddress ?? null) ?? '');
}
