import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Where postgres.js, having read the URL, wants to go. */
export type Target = {
  readonly host: readonly string[];
  readonly port: readonly number[];
  /** A unix socket; falsy for TCP. */
  readonly path?: string | false | undefined;
};

/**
 * Opens one socket to the first host that accepts.
 *
 * @param onAttempt is given each socket before it is connected, so that its owner can destroy it
 *   in any state; the promise of a destroyed socket never settles
 */
export async function dial(
  target: Target,
  onAttempt: (socket: Socket) => void,
): Promise<Socket & { host: string }> {
  let failure: unknown = new Error('No host to connect to.');
  for (const [index, host] of target.host.entries()) {
    const socket = target.path
      ? connect({ path: target.path })
      : connect({ host, port: target.port[index] ?? 5432, noDelay: true });
    onAttempt(socket);
    try {
      await once(socket, 'connect');
      // postgres.js takes the name to check the TLS certificate against from here.
      return Object.assign(socket, { host });
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}
