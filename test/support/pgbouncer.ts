import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { giveTo, unprivilegedAccount } from '../../dev/postgres/account.ts';
import { freePort } from '../../dev/postgres/port.ts';
import { accepts } from './accepts.ts';
import { until } from './until.ts';

/** Sessions that all clients of one database share: few, so that each is used by many. */
const POOL_SIZE = 4;

/** Since 1.21 it follows prepared statements across sessions (its NEWS). */
const FOLLOWS_STATEMENTS = 121;

/** A pgbouncer in transaction mode before every database of a server. */
export type Pgbouncer = {
  readonly version: string;
  /** The server's address by way of it, with what this version of it needs to be said. */
  readonly url: string;
  /** What it logged. */
  output(): string;
  stop(): Promise<void>;
};

/** The installed version, as `1.18.0`; null where there is none. */
export function pgbouncerVersion(): string | null {
  try {
    const output = execFileSync('pgbouncer', ['--version'], { encoding: 'utf8', env: { PATH } });
    return /PgBouncer (\d+\.\d+\.\d+)/.exec(output)?.[1] ?? null;
  } catch {
    return null;
  }
}

/** It is a daemon: an ordinary user's path may not have it. */
const PATH = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin`;

/** Starts it on a port of its own, with its defaults where a deployment would leave them. */
export async function startPgbouncer(serverUrl: string): Promise<Pgbouncer> {
  const version = pgbouncerVersion();
  if (version === null) throw new Error('pgbouncer is not installed.');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const follows = major * 100 + minor >= FOLLOWS_STATEMENTS;
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-pgbouncer-'));
  const target = new URL(serverUrl);
  const port = await freePort(0);
  const config = join(folder, 'pgbouncer.ini');
  const { username, password, hostname } = target;
  await writeFile(
    config,
    `[databases]
* = host=${hostname} port=${target.port} user=${username} password=${decodeURIComponent(password)}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${POOL_SIZE}
max_client_conn = 1000
${follows ? 'max_prepared_statements = 200' : ''}
`,
    { mode: 0o600 },
  );
  const account = await unprivilegedAccount(folder);
  if (account) await giveTo(account, folder);
  const child = spawn('pgbouncer', [config], {
    env: { PATH },
    stdio: ['ignore', 'ignore', 'pipe'],
    ...account,
  });
  let printed = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const stop = () => end(child, folder);
  try {
    await until(() => accepts(port), 10_000);
  } catch (error) {
    await stop();
    throw new Error(`pgbouncer did not start:\n${printed}`, { cause: error });
  }
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  if (follows) url.searchParams.set('prepare', 'true');
  return { version, url: url.href, output: () => printed, stop };
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
  await rm(folder, { recursive: true, force: true });
}
