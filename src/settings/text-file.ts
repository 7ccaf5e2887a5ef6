import { readFileSync } from 'node:fs';

/** A file is not UTF-8 text. The message says how to repair it, and quotes nothing of its content. */
export class TextEncodingError extends Error {
  override readonly name = 'TextEncodingError';

  constructor(rule: string) {
    super(rule);
  }
}

/**
 * Reads a text file that a person wrote. Windows editors add a byte order mark, which would become
 * part of the first name, or save UTF-16, in which no name would be found.
 *
 * @throws TextEncodingError for anything but UTF-8
 */
export function readTextFile(path: string): string {
  const bytes = readFileSync(path);
  // ASCII text in UTF-16 is valid UTF-8, with a NUL beside each letter.
  if (bytes.includes(0)) {
    throw new TextEncodingError('is not UTF-8 but UTF-16 or binary: save it as UTF-8');
  }
  try {
    // Without `ignoreBOM` the decoder removes the mark.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new TextEncodingError('is not UTF-8: save it as UTF-8');
  }
}
