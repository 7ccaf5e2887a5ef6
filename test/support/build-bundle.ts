import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const BUILD = join(import.meta.dirname, '../../scripts/build.ts');

/** Builds the server as the image has it in a folder of its own: a dist/ in use stays as it is. */
export async function buildBundle(folder: string): Promise<void> {
  await promisify(execFile)(process.execPath, [BUILD, folder]);
}
