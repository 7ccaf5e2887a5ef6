import type { IncomingMessage } from 'node:http';

/** The largest body an operation can need, with room to spare (HT-5). */
export const MAX_BODY_BYTES = 64 * 1024;

/**
 * Reads a body while it is small: no more than the limit is ever held, whatever Content-Length
 * claims or leaves out. The stream is left alone when it is too large, so that an answer can still
 * go out beside it.
 */
export function readBody(
  incoming: IncomingMessage,
): Promise<Buffer<ArrayBuffer> | 'too large' | 'cut off'> {
  if (Number(incoming.headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
    return Promise.resolve('too large');
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) {
        chunks.push(chunk);
        return;
      }
      incoming.off('data', take).pause();
      resolve('too large');
    };
    const cutOff = () => resolve('cut off');
    incoming.on('data', take);
    incoming.on('end', () => resolve(Buffer.concat(chunks)));
    incoming.on('close', cutOff);
    incoming.on('error', cutOff);
  });
}
