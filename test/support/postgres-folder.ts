import { chmod, mkdtemp, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A new folder to put a Postgres of the tests in. Programs of Postgres 15 return to their folder by its
 * path, as the account that root gives them: it must be allowed through.
 */
export async function postgresFolder(purpose: string): Promise<string> {
  const folder = await mkdtemp(join(await fastestFolder(), `latchkey-${purpose}-`));
  await chmod(folder, 0o711);
  return folder;
}

/** Memory that Linux offers as a folder. Making a database takes a fifth of the processor time there. */
const MEMORY = '/dev/shm';

/** What the run's databases and their WAL fit into with ease; containers often offer 64 MiB. */
const ENOUGH_BYTES = 3 * 1024 ** 3;

async function fastestFolder(): Promise<string> {
  const { bavail, bsize } = await statfs(MEMORY).catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize >= ENOUGH_BYTES ? MEMORY : tmpdir();
}
