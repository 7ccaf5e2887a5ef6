import type { IncomingMessage } from 'node:http';
import { CollectedBytes } from '../kernel/collected-bytes.ts';
import type { HeldBody } from './held-bodies.ts';

/** The largest body an operation can need, with room to spare (HT-5). */
export const MAX_BODY_BYTES = 64 * 1024;

/**
 * In how many pieces a body may come. Segments of the smallest network make some 120 of the largest
 * body; each piece costs a hundred times its byte.
 */
export const MAX_BODY_PIECES = 1_024;

/** True when a body follows the head of a request (RFC 9112 6.3). */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** True when a body is going to be too large by its own account. */
export function announcesTooMuch({ headers }: IncomingMessage): boolean {
  return Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES;
}

/**
 * Reads a body while it is small: no more than the limit is ever held, whatever Content-Length claims
 * or leaves out. The stream is left alone when it is too large, so that an answer can still go out
 * beside it. One that comes in too many pieces ends its connection (HT-5a).
 *
 * @param held told of its memory; the caller releases it
 */
export function readBody(
  incoming: IncomingMessage,
  held: HeldBody,
): Promise<Buffer<ArrayBuffer> | 'too large' | 'no room' | 'cut off'> {
  const length = incoming.headers['content-length'];
  const announced = length === undefined ? null : Number(length);
  return new Promise((resolve) => {
    const limits = { bytes: MAX_BODY_BYTES, pieces: MAX_BODY_PIECES };
    const collected = new CollectedBytes(limits, announced);
    const take = (piece: Buffer) => {
      const excess = collected.add(piece);
      if (excess === null && held.holds(collected.room)) return;
      if (excess === 'too many pieces') {
        // At once: the rest of what was read from the socket is not even looked at.
        incoming.destroy();
        return;
      }
      incoming.off('data', take).pause();
      resolve(excess === null ? 'no room' : 'too large');
    };
    const cutOff = () => resolve('cut off');
    incoming.on('data', take);
    incoming.on('end', () => {
      held.isWhole();
      resolve(collected.bytes());
    });
    incoming.on('close', cutOff);
    incoming.on('error', cutOff);
  });
}
