import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../dev/postgres/port.ts';
import { withDatabase } from '../lib/database.ts';
import { call, type Run } from '../lib/load.ts';
import { pinned } from '../lib/machine.ts';
import { startProgram } from '../lib/program.ts';
import { runWorker } from '../lib/worker.ts';
import { graphql, refreshCaller, viewerCaller } from './callers.ts';
import { type Contender, type Host, httpContender } from './contender.ts';
import type { Latchkey } from './latchkey.ts';

const file = (name: string) => fileURLToPath(new URL(`../floors/${name}`, import.meta.url));

/** node:http with the same work and nothing else, on the same database with the same tokens. */
export async function startBareServer(latchkey: Latchkey, connections: number): Promise<Host> {
  const port = await freePort(0);
  const program = await startProgram({
    args: [file('server.ts')],
    port,
    env: { ...latchkey.env, PORT: String(port), PUBLIC_URL: latchkey.env['PUBLIC_URL'] ?? '' },
    isReady: async () => (await call(port, graphql('{ viewer { user { id } } }'))).status === 200,
  });
  const seats = await latchkey.signIn(1, 2 * connections);
  const name = 'floor: node:http';
  return {
    name,
    program,
    contenders: [
      httpContender({ name, port, operation: 'viewer' }, () =>
        seats.slice(0, connections).map((seat) => viewerCaller(seat.accessToken)),
      ),
      httpContender({ name, port, operation: 'viewer, one caller' }, () =>
        seats.slice(0, 1).map((seat) => viewerCaller(seat.accessToken)),
      ),
      httpContender({ name, port, operation: 'refresh' }, () =>
        seats.slice(connections).map((seat) => refreshCaller(seat.refreshToken)),
      ),
    ],
  };
}

/** The floors below which no server can get: the statement, the hash, and pgbench. */
export function bareFloors(databaseUrl: string, connections: number): readonly Contender[] {
  const statement = (operation: 'viewer' | 'refresh') => ({
    name: 'floor: postgres.js',
    operation,
    run: (seconds: number) =>
      runWorker(file('statement.ts'), [operation, String(seconds), String(connections)], {
        DATABASE_URL: databaseUrl,
      }),
  });
  const argon2 = dirname(createRequire(import.meta.url).resolve('argon2'));
  const hash: Contender = {
    name: 'floor: argon2',
    operation: 'sign-in',
    run: (seconds) => runWorker(file('hash.ts'), [argon2, String(seconds), '2']),
  };
  return [
    statement('viewer'),
    statement('refresh'),
    hash,
    ...(hasPgbench() ? [pgbench(databaseUrl, 'viewer'), pgbench(databaseUrl, 'refresh')] : []),
  ];
}

const PGBENCH = {
  viewer: 'select s.*, u.* from sessions s join users u on u.id = s.user_id where s.id = $ID;',
  refresh: 'update sessions set last_used_at = now() where id = $ID returning *;',
};

/** Postgres's own client, in C: the database's own limit. It reports no single latencies. */
function pgbench(databaseUrl: string, operation: 'viewer' | 'refresh'): Contender {
  return {
    name: 'floor: pgbench',
    operation,
    async run(seconds): Promise<Run> {
      const folder = await mkdtemp(join(tmpdir(), 'latchkey-pgbench-'));
      try {
        const ids = await withDatabase(databaseUrl, (sql) => sql`select id from sessions limit 16`);
        const scripts = ids.map((_, index) => join(folder, `${index}.sql`));
        await Promise.all(
          ids.map(({ id }, index) =>
            writeFile(scripts[index] ?? '', PGBENCH[operation].replace('$ID', `'${id}'`)),
          ),
        );
        const options = ['-n', '-M', 'prepared', '-c', '16', '-j', '1', '-T'];
        const files = scripts.flatMap((script) => ['-f', script]);
        const [command = '', ...rest] = pinned(['pgbench', ...files, ...options]);
        const output = execFileSync(command, [...rest, String(Math.ceil(seconds)), databaseUrl], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        });
        const rate = Number(/tps = ([\d.]+)/.exec(output)?.[1]);
        const latency = Number(/latency average = ([\d.]+)/.exec(output)?.[1]);
        return { seconds: 1, latencies: Array.from({ length: Math.round(rate) }, () => latency) };
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

function hasPgbench(): boolean {
  try {
    execFileSync('pgbench', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
