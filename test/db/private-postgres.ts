import { cp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import postgres from 'postgres';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../dev/embedded-postgres.ts';
import { giveTo } from '../../dev/postgres/account.ts';
import { postgresFolder } from '../support/postgres-folder.ts';

/** A Postgres server for one test, which the test can freeze and restart. */
export type PrivatePostgres = {
  readonly url: string;
  readonly dataDir: string;
  /** Stops every process of the server. The kernel still accepts connections. */
  freeze(): Promise<void>;
  thaw(): void;
  /** Shuts the server down. `start` starts it again on the same port. */
  stop(): Promise<void>;
  /** Ends the server without a checkpoint and without notifying clients (`pg_ctl stop -m immediate`). */
  crash(): Promise<void>;
  /** Stops the processes that send to standbys. Standbys get no later commit, and the primary does not notice. */
  cutOffStandbys(): Promise<void>;
  /** Kills every process of the server at the same moment, like the loss of the machine. */
  lose(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
};

/** A second server that follows the first by streaming replication. */
export type Standby = {
  readonly port: number;
  readonly url: string;
  /** Promotes the standby to primary. Resolves when it accepts writes. */
  promote(): Promise<void>;
  remove(): Promise<void>;
};

/** Makes a base backup with Postgres' low-level interface, because the npm package has no pg_basebackup. */
export async function startStandby(primary: PrivatePostgres): Promise<Standby> {
  const folder = await postgresFolder('standby');
  const dataDir = join(folder, 'postgres');
  const { uid, gid } = await stat(primary.dataDir);
  const admin = postgres(primary.url, { max: 1, fetch_types: false, onnotice: () => undefined });
  await admin`select pg_backup_start('standby', true)`;
  await cp(primary.dataDir, dataDir, {
    recursive: true,
    filter: (path) => !path.endsWith('postmaster.pid') && !path.endsWith('postmaster.opts'),
  });
  const [{ label } = {}] = await admin`select labelfile as label from pg_backup_stop(false)`;
  await admin.end();
  await cp(`${primary.dataDir}.password`, `${dataDir}.password`);
  await writeFile(join(dataDir, 'backup_label'), String(label));
  await writeFile(join(dataDir, 'standby.signal'), '');
  const { hostname, port, username, password } = new URL(primary.url);
  await giveTo({ uid, gid }, dataDir);
  const server = await startEmbeddedPostgres({
    dataDir,
    settings: {
      fsync: 'off',
      primary_conninfo: `host=${hostname} port=${port} user=${username} password=${password}`,
    },
    log: () => undefined,
  });
  return {
    port: server.port,
    url: server.url,
    async promote() {
      const sql = postgres(server.url, { max: 1, fetch_types: false });
      await sql`select pg_promote(true)`;
      await sql.end();
    },
    async remove() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** @param settings of Postgres, besides fsync, which is off because no data must survive a power cut */
export async function startPrivatePostgres(
  settings: Readonly<Record<string, string>> = {},
): Promise<PrivatePostgres> {
  const folder = await postgresFolder('private');
  const dataDir = join(folder, 'postgres');
  const open = (port?: number) =>
    startEmbeddedPostgres({
      dataDir,
      settings: { fsync: 'off', ...settings },
      log: () => undefined,
      ...(port === undefined ? {} : { port }),
    });
  let server: EmbeddedPostgres = await open();
  let frozen: readonly number[] = [];

  const thaw = () => {
    for (const pid of frozen) process.kill(pid, 'SIGCONT');
    frozen = [];
  };
  return {
    url: server.url,
    dataDir,
    async freeze() {
      const pids = [await postmaster(dataDir), ...(await backends(server.url))];
      frozen = pids.filter(stopsNow);
    },
    thaw,
    stop: () => server.stop(),
    async crash() {
      process.kill(await postmaster(dataDir), 'SIGQUIT');
      await server.stop();
    },
    async cutOffStandbys() {
      for (const pid of await walSenders(server.url)) process.kill(pid, 'SIGSTOP');
    },
    async lose() {
      const pids = [await postmaster(dataDir), ...(await backends(server.url))];
      for (const pid of pids) endsNow(pid);
      await server.stop();
    },
    async start() {
      server = await open(server.port);
    },
    async remove() {
      thaw();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function postmaster(dataDir: string): Promise<number> {
  const text = await readFile(join(dataDir, 'postmaster.pid'), 'utf8');
  return Number(text.split('\n')[0]);
}

async function backends(url: string): Promise<readonly number[]> {
  const client = postgres(url, { max: 1, fetch_types: false });
  const rows = await client<{ pid: number }[]>`
    select pid from pg_stat_activity where pid <> pg_backend_pid()`;
  await client.end();
  return rows.map((row) => row.pid);
}

async function walSenders(url: string): Promise<readonly number[]> {
  const client = postgres(url, { max: 1, fetch_types: false });
  const rows = await client<{ pid: number }[]>`select pid from pg_stat_replication`;
  await client.end();
  return rows.map((row) => row.pid);
}

function endsNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process ended between the listing and the signal.
  }
}

/** False if the process ended between the listing and the signal. */
function stopsNow(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGSTOP');
  } catch {
    return false;
  }
}
