import { base64url } from 'jose';

const MAX_BYTES = 4096;
const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;

/** The JSON of a token's header and payload. Nothing has been verified yet. */
export type Parts = { readonly header: unknown; readonly payload: unknown };

/**
 * Splits a token into its parts, accepting exactly one spelling of it: no padding, no white space, no stray low
 * bits (TK-6). jose's decoder accepts several texts for the same bytes.
 */
export function parseCompact(text: string): Parts | null {
  if (text.length > MAX_BYTES) return null;
  const [, ...parts] = COMPACT.exec(text) ?? [];
  const [header, payload, signature] = parts.map(decodeCanonical);
  if (!header || !payload || !signature) return null;
  return { header: parseJson(header), payload: parseJson(payload) };
}

function decodeCanonical(part: string): Uint8Array | null {
  try {
    const bytes = base64url.decode(part);
    return base64url.encode(bytes) === part ? bytes : null;
  } catch {
    // No base64url text has this length.
    return null;
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
