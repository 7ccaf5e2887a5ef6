import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A new folder to put a Postgres of the tests in. Programs of Postgres 15 return to their folder by its
 * path, as the account that root gives them: it must be allowed through.
 */
export async function postgresFolder(purpose: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `latchkey-${purpose}-`));
  await chmod(folder, 0o711);
  return folder;
}
