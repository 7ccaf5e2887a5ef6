import type { IncomingMessage } from 'node:http';
import { CollectedBytes } from '../kernel/collected-bytes.ts';
import { MINUTE } from '../kernel/duration.ts';
import type { Log } from '../kernel/ports.ts';
import { atMostEvery } from '../kernel/report.ts';

/** The largest body an operation can need, with room to spare (HT-5). */
export const MAX_BODY_BYTES = 64 * 1024;

/**
 * In how many pieces a body may come. Segments of the smallest network make some 120 of the largest
 * body; each piece costs a hundred times its byte.
 */
export const MAX_BODY_PIECES = 1_024;

/** True if a body follows the head of a request (RFC 9112 6.3). */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** True if the Content-Length of a request exceeds the limit. */
export function announcesTooMuch({ headers }: IncomingMessage): boolean {
  return Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES;
}

/**
 * Reads a body. Whether or not Content-Length is present and correct, at most the limit is in memory. If the
 * body is too large, the stream is left as it is, so that a response can still be sent. If the body arrives
 * in too many pieces, its connection is closed (HT-5a).
 *
 * @param reserved grows with the body; the caller releases it
 */
export function readBody(
  incoming: IncomingMessage,
  reserved: BodyMemory,
): Promise<Buffer<ArrayBuffer> | 'too large' | 'no memory' | 'cut off'> {
  const length = incoming.headers['content-length'];
  const announced = length === undefined ? null : Number(length);
  return new Promise((resolve) => {
    const limits = { bytes: MAX_BODY_BYTES, pieces: MAX_BODY_PIECES };
    const collected = new CollectedBytes(limits, announced);
    const collect = (piece: Buffer) => {
      const excess = collected.add(piece);
      if (excess === null && reserved.resize(collected.room)) return;
      if (excess === 'too many pieces') {
        // At once: the rest of what was read from the socket is not even parsed.
        incoming.destroy();
        return;
      }
      incoming.off('data', collect).pause();
      resolve(excess === null ? 'no memory' : 'too large');
    };
    const cutOff = () => resolve('cut off');
    incoming.on('data', collect);
    incoming.on('end', () => {
      reserved.complete();
      resolve(collected.bytes());
    });
    incoming.on('close', cutOff);
    incoming.on('error', cutOff);
  });
}

/** The memory of one request's body, until the request is answered. */
export type BodyMemory = {
  /**
   * Reports the size of the body so far.
   *
   * @returns false if there is no memory left for it
   */
  resize(bytes: number): boolean;
  /** The body has arrived: from now on its client is not to blame if it waits. */
  complete(): void;
  release(): void;
};

/** The memory of the bodies of all requests of a process. */
export type BodyMemories = {
  /** @param cutOff ends the connection of a body that has to make room */
  add(cutOff: () => void): BodyMemory;
};

type Entry = { bytes: number; readonly cutOff: () => void };

/**
 * Bounds the memory of all bodies together (HT-5e). If the memory is exhausted, the server cuts off the
 * oldest unfinished bodies that exceed their share. So a client that sends its body at once, or a small body
 * slowly, is never cut off. Complete bodies stay. A body within its share always has room; otherwise large,
 * complete bodies that wait would lock everybody else out. Therefore all bodies together take at most twice
 * the memory.
 *
 * @param limits.connections the number of shares
 */
export function createBodyMemories(
  limits: { readonly bodyMemory: number; readonly connections: number },
  log: Log,
): BodyMemories {
  const share = limits.bodyMemory / limits.connections;
  const unfinished = new Set<Entry>();
  let total = 0;
  const reportLimit = atMostEvery(MINUTE, (ended: number) =>
    log.warn({ limit: limits.bodyMemory, ended }, 'body memory limit reached'),
  );

  const makeRoom = (newcomer: Entry) => {
    let ended = 0;
    // A Set iterates in the order of its additions.
    for (const entry of unfinished) {
      if (total <= limits.bodyMemory) break;
      if (entry === newcomer || entry.bytes <= share) continue;
      unfinished.delete(entry);
      total -= entry.bytes;
      entry.bytes = 0;
      entry.cutOff();
      ended += 1;
    }
    reportLimit(ended);
  };

  return {
    add(cutOff) {
      const entry: Entry = { bytes: 0, cutOff };
      unfinished.add(entry);
      let isReleased = false;
      return {
        resize(bytes) {
          total += bytes - entry.bytes;
          entry.bytes = bytes;
          if (total > limits.bodyMemory) makeRoom(entry);
          return total <= limits.bodyMemory || bytes <= share;
        },
        complete() {
          unfinished.delete(entry);
        },
        release() {
          if (isReleased) return;
          isReleased = true;
          unfinished.delete(entry);
          total -= entry.bytes;
        },
      };
    },
  };
}
