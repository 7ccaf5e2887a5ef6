import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  lchown,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Account, giveTo } from './account.ts';
import { dataDirArgument, postgresEnvironment } from './environment.ts';

/** The superuser, and the database made for the server. */
export const DATABASE_NAME = 'latchkey';

/** How old an unfinished data folder must be before it is surely nobody's any more. */
const ABANDONED_AFTER_MS = 60_000;

/** What to make a cluster with. */
export interface ClusterOptions {
  readonly dataDir: string;
  readonly binDir: string;
  readonly account: Account | undefined;
  /** False only for data that nobody will miss. */
  readonly durable: boolean;
}

/**
 * Makes the data folder when there is none yet, and returns the password. A folder is made
 * beside its place and renamed: a start killed halfway leaves no half-made data behind.
 */
export async function ensureCluster(options: ClusterOptions): Promise<string> {
  const { dataDir } = options;
  await mkdir(dirname(dataDir), { recursive: true, mode: 0o700 });
  const version = await readFile(join(dataDir, 'PG_VERSION'), 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw belongsToAnother(dataDir, error);
    },
  );
  if (version === undefined) {
    const password = await newPassword(dataDir);
    await createCluster(options, password);
    return readPassword(dataDir);
  }
  // Postgres's data can be read only by the major version that wrote it.
  const ours = await majorVersion(options);
  if (Number(version) !== ours) {
    throw new Error(
      `${dataDir} was made by Postgres ${version.trim()}, and the embedded one is ` +
        `${ours}. Move it away to start with an empty database.`,
    );
  }
  if (options.account !== undefined && (await stat(dataDir)).uid === 0) {
    await giveTo(options.account, dataDir);
  }
  return readPassword(dataDir);
}

/**
 * Names a data folder by what a move keeps and a copy does not: the name goes onto Postgres's
 * command line, so that a lock file copied along with the data is not taken for our own.
 */
export async function clusterName(dataDir: string): Promise<string> {
  const { dev, ino } = await stat(dataDir, { bigint: true });
  return `latchkey-${dev}-${ino}`;
}

async function createCluster(options: ClusterOptions, password: string): Promise<void> {
  const { dataDir, account } = options;
  await removeAbandoned(dataDir);
  const made = `${dataDir}.new-${randomBytes(6).toString('hex')}`;
  const passwordFile = `${made}.password`;
  try {
    await mkdir(made, { mode: 0o700 });
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600, flag: 'wx' });
    if (account !== undefined) {
      await lchown(made, account.uid, account.gid);
      await lchown(passwordFile, account.uid, account.gid);
    }
    await initdb(options, made, passwordFile);
    await rename(made, dataDir).catch(async (error: NodeJS.ErrnoException) => {
      const other = await stat(join(dataDir, 'PG_VERSION')).catch(() => undefined);
      if (other === undefined) throw error;
    });
  } finally {
    await rm(made, { recursive: true, force: true });
    await rm(passwordFile, { force: true });
  }
}

async function initdb(options: ClusterOptions, made: string, passwordFile: string): Promise<void> {
  const { account } = options;
  const dropped = account !== undefined && process.platform === 'linux';
  const passwordHandle = await open(passwordFile, 'r');
  const args = [
    `--pgdata=${dataDirArgument(made, account !== undefined)}`,
    `--pwfile=${dropped ? '/proc/self/fd/0' : passwordFile}`,
    `--username=${DATABASE_NAME}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    ...(await localeArguments(options)),
    '--no-instructions',
    ...(options.durable ? [] : ['--no-sync']),
  ];
  try {
    await new Promise<void>((resolve, reject) => {
      const child = spawn(join(options.binDir, 'initdb'), args, {
        cwd: made,
        env: postgresEnvironment(),
        stdio: [passwordHandle.fd, 'pipe', 'pipe'],
        ...account,
      });
      const output: string[] = [];
      child.stdout?.on('data', (chunk) => output.push(String(chunk)));
      child.stderr?.on('data', (chunk) => output.push(String(chunk)));
      child.on('error', reject);
      child.on('close', (code, signal) => {
        if (code === 0) resolve();
        else reject(new Error(`initdb failed (${code ?? signal}):\n${output.join('').trim()}`));
      });
    });
  } finally {
    await passwordHandle.close();
  }
}

/** UTF-8 whatever the machine is set to. Before version 17 Postgres has no locales of its own. */
async function localeArguments(options: ClusterOptions): Promise<readonly string[]> {
  return (await majorVersion(options)) >= 17
    ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
    : ['--locale=C.UTF-8'];
}

async function majorVersion({ binDir, account }: ClusterOptions): Promise<number> {
  const options = { cwd: '/', env: postgresEnvironment(), ...account };
  const { stdout } = await promisify(execFile)(join(binDir, 'postgres'), ['--version'], options);
  return Number(/\d+/.exec(stdout)?.[0]);
}

function passwordPath(dataDir: string): string {
  return `${dataDir}.password`;
}

/** Linked into place whole, so that of two first starts at once both use the same one. */
async function newPassword(dataDir: string): Promise<string> {
  const path = passwordPath(dataDir);
  const made = `${dataDir}.new-${randomBytes(6).toString('hex')}.password`;
  await writeFile(made, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  await link(made, path)
    .catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    })
    .finally(() => rm(made, { force: true }));
  return readPassword(dataDir);
}

async function readPassword(dataDir: string): Promise<string> {
  const path = passwordPath(dataDir);
  const password = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw belongsToAnother(path, error);
  });
  if (password.trim() !== '') return password.trim();
  throw new Error(
    `${path} is missing, and ${dataDir} cannot be opened without it. Bring it back, or move ` +
      'both away to start with an empty database.',
  );
}

async function removeAbandoned(dataDir: string): Promise<void> {
  const folder = dirname(dataDir);
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`${basename(dataDir)}.new-`)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

function belongsToAnother(path: string, error: NodeJS.ErrnoException): Error {
  if (error.code !== 'EACCES' && error.code !== 'EPERM') return error;
  return new Error(
    `${path} belongs to another user (was the server started as root before?). Start as that ` +
      'user, or remove the folder to begin with an empty database.',
    { cause: error },
  );
}
