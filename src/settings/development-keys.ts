import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../kernel/errors.ts';
import { KEY_BYTES } from './secret-keys.ts';

/** The file in the data directory that holds the root secret of development. */
const DEVELOPMENT_KEYS_FILE = 'secret-keys';

/**
 * SECRET_KEYS for development: generated at the first start, and read at later ones. The file is
 * created atomically. If two processes create it, the first one wins, and both return its text.
 */
export function developmentKeys(dataDirectory: string): string {
  const path = join(dataDirectory, DEVELOPMENT_KEYS_FILE);
  const existing = readIfThere(path);
  if (existing !== null) return existing;
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`;
  try {
    const made = `${randomBytes(KEY_BYTES).toString('base64')}\n`;
    writeFileSync(draft, made, { mode: 0o600, flag: 'wx', flush: true });
    linkUnlessThere(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(path, 'utf8').trim();
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** A link, unlike a rename, never replaces a file that another process has just created. */
function linkUnlessThere(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}
