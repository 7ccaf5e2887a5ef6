import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { startEmbeddedPostgres } from '../../dev/embedded-postgres.ts';

/** A Postgres of the bench's own, configured as for a server: it syncs every commit. */
export type BenchPostgres = {
  readonly port: number;
  /** Creates an empty database and returns its address. */
  create(name: string): Promise<string>;
  stop(): Promise<void>;
};

/** More connections than all contenders' pools need. Everything else is Postgres' default; above all, fsync is on. */
const SETTINGS = { max_connections: '200', shared_buffers: '512MB', max_wal_size: '4GB' };

/**
 * Starts Postgres in a temporary folder that is removed afterwards.
 *
 * @param settings Postgres settings that override those of every bench
 */
export async function startBenchPostgres(
  settings: Readonly<Record<string, string>> = {},
): Promise<BenchPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  const server = await startEmbeddedPostgres({
    dataDir: join(folder, 'postgres'),
    settings: { ...SETTINGS, ...settings },
    log: () => undefined,
  });
  return {
    port: server.port,
    async create(name) {
      await withDatabase(server.url, (sql) => sql.unsafe(`create database ${name}`));
      const url = new URL(server.url);
      url.pathname = `/${name}`;
      return url.href;
    },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Runs statements on a connection of their own. */
export async function withDatabase<T>(
  url: string,
  work: (sql: postgres.Sql) => Promise<T>,
): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}
