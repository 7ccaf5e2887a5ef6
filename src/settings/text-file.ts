import { readFileSync } from 'node:fs';

/** A file is not text as this server reads it. Says how to mend it, and nothing of what it holds. */
export class TextEncodingError extends Error {
  override readonly name = 'TextEncodingError';

  constructor(rule: string) {
    super(rule);
  }
}

/**
 * Reads a file of text that a person wrote. Editors of Windows put a byte order mark in front, which
 * would become part of the first name, and may save UTF-16, of which no name would be found.
 *
 * @throws TextEncodingError for anything but UTF-8
 */
export function readTextFile(path: string): string {
  const bytes = readFileSync(path);
  // Text of ASCII in UTF-16 is good UTF-8, with a NUL beside each letter.
  if (bytes.includes(0)) {
    throw new TextEncodingError('is not UTF-8 but UTF-16 or binary: save it as UTF-8');
  }
  try {
    // Without `ignoreBOM` it leaves the mark out.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new TextEncodingError('is not UTF-8: save it as UTF-8');
  }
}
