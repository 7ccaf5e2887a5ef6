import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect as connectTcp, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { type ConnectionOptions, checkServerIdentity, connect as connectTls } from 'node:tls';
import type { DatabaseHost, DatabaseTarget, DatabaseTls } from '../../kernel/database-url.ts';

/** A connection that could not be opened; `code` names the reason, as a socket's error does. */
class ConnectError extends Error {
  override readonly name = 'ConnectError';
  readonly code: string;

  constructor(code: string) {
    super(`The connection failed (${code}).`);
    this.code = code;
  }
}

/**
 * Opens a socket to one server, with the protection that `sslmode` requires.
 *
 * This function starts TLS itself. If postgres.js (3.4.9) started TLS, it would check the certificate of a
 * server with an IP address against the name "localhost". It would also remove its listeners from the socket
 * below TLS, and an error on that socket would then end the process.
 *
 * @param onSocket receives each socket before it connects, so that its owner can destroy it in any state. If
 *   a socket is destroyed without an error, the promise never settles.
 * @throws ConnectError, or the error of the socket
 */
export async function connect(
  host: DatabaseHost,
  tls: DatabaseTls,
  onSocket: (socket: Socket) => void,
): Promise<Socket> {
  const plain = await openSocket(host, onSocket);
  if (isUnixSocket(host) || tls.mode === 'disable') return plain;
  if (tls.negotiation === 'postgres' && !(await offersTls(plain))) {
    if (tls.mode === 'prefer') return plain;
    throw new ConnectError('TLS_NOT_OFFERED');
  }
  const secured = keepErrorListener(
    connectTls({ socket: plain, ...(await tlsOptions(host, tls)) }),
  );
  onSocket(secured);
  try {
    await once(secured, 'secureConnect');
    return secured;
  } catch (error) {
    plain.destroy();
    if (tls.mode !== 'prefer') throw error;
    return await openSocket(host, onSocket);
  }
}

/**
 * True if the host is the directory of a Unix socket. A Unix socket needs no TLS, because nothing leaves the
 * machine.
 */
export function isUnixSocket({ host }: DatabaseHost): boolean {
  return host.startsWith('/') || host.startsWith('@');
}

/** The name of the server in messages to an operator. */
export function nameOfHost({ host, port }: DatabaseHost): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The role to log in as. As in libpq, the default is the name of the operating system's account. */
export function userOf({ user }: DatabaseTarget): string {
  return user ?? userInfo().username;
}

async function openSocket(host: DatabaseHost, onSocket: (socket: Socket) => void): Promise<Socket> {
  const socket = keepErrorListener(
    isUnixSocket(host)
      ? connectTcp({ path: socketPath(host) })
      : connectTcp({ host: host.address ?? host.host, port: host.port, noDelay: true }),
  );
  onSocket(socket);
  await once(socket, 'connect');
  return socket;
}

/** A host that starts with @ names an abstract socket of Linux, whose first byte is zero. */
function socketPath({ host, port }: DatabaseHost): string {
  return `${host.replace(/^@/, '\0')}/.s.PGSQL.${port}`;
}

/** The SSLRequest message (PostgreSQL manual, 54.2.10). */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
const [YES, NO] = [0x53, 0x4e];

function offersTls(socket: Socket): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const settle = (work: () => void) => {
      socket.off('data', onData).off('error', onError).off('close', onClose);
      work();
    };
    const onData = (answer: Buffer) =>
      settle(() => {
        // If the answer has more than one byte, an attacker on the network path has added the rest. It would
        // otherwise be read as if it had arrived through TLS (CVE-2021-23222).
        const [byte] = answer;
        if (answer.length === 1 && (byte === YES || byte === NO)) resolve(byte === YES);
        else reject(new ConnectError('TLS_ANSWER_UNREADABLE'));
      });
    const onError = (error: Error) => settle(() => reject(error));
    const onClose = () => settle(() => reject(new ConnectError('CONNECTION_CLOSED')));
    socket.on('data', onData).on('error', onError).on('close', onClose);
    socket.write(SSL_REQUEST);
  });
}

/** Reads the files for each connection, so that a renewed certificate takes effect without a restart. */
async function tlsOptions({ host }: DatabaseHost, tls: DatabaseTls): Promise<ConnectionOptions> {
  const [ca, cert, key, crl] = await Promise.all(
    [tls.rootCertificate, tls.certificate, tls.key, tls.revocations].map(async (path) =>
      path === null ? undefined : await readFile(path),
    ),
  );
  const isIp = /^[\d.]+$|:/.test(host);
  return {
    // The name that the certificate is checked against. Without a name, Node.js checks against "localhost".
    host,
    ...(!isIp && { servername: host }),
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(crl && { crl }),
    ...(tls.keyPassword !== null && { passphrase: tls.keyPassword }),
    ...(tls.minVersion && { minVersion: tls.minVersion }),
    ...(tls.maxVersion && { maxVersion: tls.maxVersion }),
    ...(tls.negotiation === 'direct' && { ALPNProtocols: ['postgresql'] }),
    rejectUnauthorized: tls.mode === 'verify-ca' || tls.mode === 'verify-full',
    checkServerIdentity: (_name, certificate) =>
      tls.mode === 'verify-full' ? checkServerIdentity(host, certificate) : undefined,
  };
}

/**
 * Adds an error listener that cannot be removed. An error on a socket without a listener ends the process,
 * and postgres.js removes all listeners from a socket that has closed.
 */
function keepErrorListener<S extends Socket>(socket: S): S {
  const ignore = () => undefined;
  const removeAllListeners = socket.removeAllListeners.bind(socket);
  socket.removeAllListeners = (event?: string | symbol) => {
    removeAllListeners(event);
    return socket.on('error', ignore);
  };
  return socket.on('error', ignore);
}
