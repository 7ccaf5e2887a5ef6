const MAX_BYTES = 4096;
const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;

/** The decoded parts of a JWS in compact form (RFC 7515 7.1), and the text that its signature covers. */
export type CompactJws = {
  readonly header: Buffer;
  readonly payload: Buffer;
  readonly signature: Buffer;
  readonly signed: string;
};

/**
 * Parses a token, accepting exactly one spelling of it: no padding, no white space, no stray low bits
 * (TK-6). Decoders, jose's among them, accept several texts for the same bytes.
 */
export function parseCompact(text: string): CompactJws | null {
  if (text.length > MAX_BYTES) return null;
  const [, header, payload, signature] = COMPACT.exec(text) ?? [];
  const parts = {
    header: decodeCanonical(header),
    payload: decodeCanonical(payload),
    signature: decodeCanonical(signature),
  };
  if (!parts.header || !parts.payload || !parts.signature) return null;
  return {
    header: parts.header,
    payload: parts.payload,
    signature: parts.signature,
    signed: `${header}.${payload}`,
  };
}

/** Parses bytes as JSON; undefined if they are not JSON. */
export function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

function decodeCanonical(part: string | undefined): Buffer | null {
  if (part === undefined) return null;
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : null;
}
