/** One message of the Postgres protocol, version 3, with the bytes it came in. */
export type WireMessage = {
  /** Its letter; empty for the start-up packets, which have none. */
  readonly type: string;
  readonly bytes: Buffer;
};

/** Cuts a stream into messages. */
export type WireReader = (chunk: Buffer) => readonly WireMessage[];

/**
 * Reads one direction of a connection.
 *
 * @param startsBare the client's side: its first packet has no letter
 */
export function createWireReader({ startsBare }: { readonly startsBare: boolean }): WireReader {
  let rest: Buffer = Buffer.alloc(0);
  let bare = startsBare;
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const messages: WireMessage[] = [];
    for (;;) {
      const lengthAt = bare ? 0 : 1;
      if (rest.length < lengthAt + 4) return messages;
      const length = lengthAt + rest.readInt32BE(lengthAt);
      if (rest.length < length) return messages;
      const bytes = rest.subarray(0, length);
      messages.push({ type: bare ? '' : String.fromCharCode(bytes[0] ?? 0), bytes });
      bare = false;
      rest = rest.subarray(length);
    }
  };
}

/** Knows which text each group of a client's messages runs; a name stands for what was parsed. */
export function createStatementReader(): (group: readonly WireMessage[]) => string {
  const named = new Map<string, string>();
  return (group) => {
    let text = '';
    for (const { type, bytes } of group) {
      if (type === 'Q') text = bytes.toString('utf8', 5, bytes.length - 1);
      if (type === 'P') {
        const name = zeroEnded(bytes, 5);
        named.set(name, zeroEnded(bytes, 5 + Buffer.byteLength(name) + 1));
      }
      if (type === 'B') {
        const portal = zeroEnded(bytes, 5);
        text = named.get(zeroEnded(bytes, 5 + Buffer.byteLength(portal) + 1)) ?? '';
      }
    }
    return text;
  };
}

function zeroEnded(bytes: Buffer, from: number): string {
  return bytes.toString('utf8', from, bytes.indexOf(0, from));
}
