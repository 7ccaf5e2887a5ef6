import type { IncomingMessage } from 'node:http';

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

/**
 * Reads a body while it is small: no more than the limit is ever held, whatever Content-Length claims
 * or leaves out. The stream is left alone when it is too large, so that an answer can still go out
 * beside it.
 *
 * Each piece is copied, since it would hold on to all that was read from the socket with it: a body
 * holds twice its bytes at most, however it is cut (HT-5a).
 */
export function readBody(
  incoming: IncomingMessage,
): Promise<Buffer<ArrayBuffer> | 'too large' | 'cut off'> {
  if (Number(incoming.headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
    return Promise.resolve('too large');
  }
  const announced = Number(incoming.headers['content-length'] ?? Number.NaN);
  return new Promise((resolve) => {
    let held = Buffer.allocUnsafe(0);
    let size = 0;
    let pieces = 0;
    const take = (piece: Buffer) => {
      pieces += 1;
      if (pieces > MAX_BODY_PIECES) {
        // With its connection, and at once: the rest of what was read is not even looked at.
        incoming.destroy();
        return;
      }
      if (size + piece.length > MAX_BODY_BYTES) {
        incoming.off('data', take).pause();
        resolve('too large');
        return;
      }
      held = withRoom(held, size, piece.length, announced);
      piece.copy(held, size);
      size += piece.length;
    };
    const cutOff = () => resolve('cut off');
    incoming.on('data', take);
    incoming.on('end', () => resolve(held.subarray(0, size)));
    incoming.on('close', cutOff);
    incoming.on('error', cutOff);
  });
}

/**
 * The same bytes with room for more. A body that comes whole, as nearly every one does, fits exactly
 * and is soon gone: it is cut from Node's pool. One that comes in pieces may be held for long, and in
 * the pool would hold what was cut from it beside.
 */
function withRoom(
  held: Buffer<ArrayBuffer>,
  size: number,
  more: number,
  announced: number,
): Buffer<ArrayBuffer> {
  const needed = size + more;
  if (needed === announced && size === 0) return Buffer.allocUnsafe(needed);
  if (needed <= held.length) return held;
  const larger = Buffer.allocUnsafeSlow(Math.min(Math.max(2 * size, needed), MAX_BODY_BYTES));
  held.copy(larger, 0, 0, size);
  return larger;
}
