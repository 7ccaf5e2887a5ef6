/** The largest component of a P-256 signature: 32 bytes, and one zero byte if the first bit is set. */
const MAX_COMPONENT_LENGTH = 33;

const SEQUENCE = 0x30;
const INTEGER = 0x02;

/**
 * True for an ES256 signature in DER (L3 6.5.5: Ecdsa-Sig-Value, RFC 3279 2.2.3) whose encoding is the only
 * one of its two numbers: short lengths, no superfluous zero byte, nothing after the end. The library's parser
 * is lenient, so that altered bytes of a signature would be accepted as the same signature.
 */
export function isStrictDer(signature: Buffer): boolean {
  if (signature[0] !== SEQUENCE || signature[1] !== signature.length - 2) return false;
  const afterR = endOfInteger(signature, 2);
  return afterR !== null && endOfInteger(signature, afterR) === signature.length;
}

/** Returns the end of a positive integer in its shortest form; null if there is none at this place. */
function endOfInteger(bytes: Buffer, start: number): number | null {
  const length = bytes[start + 1] ?? 0;
  const [first, second] = [bytes[start + 2], bytes[start + 3]];
  const end = start + 2 + length;
  if (bytes[start] !== INTEGER || length < 1 || length > MAX_COMPONENT_LENGTH || end > bytes.length)
    return null;
  if (first === undefined || first >= 0x80) return null;
  const hasZero = first === 0;
  // Zero itself is no component of a signature.
  if (hasZero && (length === 1 || second === undefined || second < 0x80)) return null;
  if (length === MAX_COMPONENT_LENGTH && !hasZero) return null;
  return end;
}
