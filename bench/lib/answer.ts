/** A complete HTTP/1.1 response. */
export type Answer = { readonly status: number; readonly head: string; readonly body: string };

const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * Reads one response from the front of the bytes that a socket received.
 *
 * @returns the response and its length in bytes, or null while it is incomplete
 */
export function parseAnswer(
  received: Buffer,
): { readonly answer: Answer; readonly length: number } | null {
  const headLength = received.indexOf(HEAD_END);
  if (headLength === -1) return null;
  const head = received.toString('latin1', 0, headLength);
  const start = headLength + HEAD_END.length;
  const status = Number(head.slice(9, 12));
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(head) ?? [];
  if (length !== undefined) {
    const end = start + Number(length);
    if (received.length < end) return null;
    return { answer: { status, head, body: received.toString('utf8', start, end) }, length: end };
  }
  const chunks = /\r\ntransfer-encoding: *chunked/i.test(head) ? readChunks(received, start) : null;
  return chunks && { answer: { status, head, body: chunks.body }, length: chunks.end };
}

function readChunks(
  received: Buffer,
  start: number,
): { readonly body: string; readonly end: number } | null {
  const parts: Buffer[] = [];
  for (let at = start; ; ) {
    const lineEnd = received.indexOf('\r\n', at, 'latin1');
    if (lineEnd === -1) return null;
    const size = Number.parseInt(received.toString('latin1', at, lineEnd), 16);
    const end = lineEnd + 2 + size + 2;
    if (received.length < end) return null;
    parts.push(received.subarray(lineEnd + 2, lineEnd + 2 + size));
    if (size === 0) return { body: Buffer.concat(parts).toString(), end };
    at = end;
  }
}
