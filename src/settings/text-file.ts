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
  const isUtf16 = UTF16_MARKS.some((mark) => bytes.subarray(0, 2).equals(mark));
  if (isUtf16 || bytes.includes(0)) {
    throw new TextEncodingError('is not UTF-8 but UTF-16 or binary: save it as UTF-8');
  }
  try {
    // Without `ignoreBOM` it leaves the mark out.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new TextEncodingError('is not UTF-8: save it as UTF-8');
  }
}

const UTF16_MARKS: readonly Buffer[] = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])];
