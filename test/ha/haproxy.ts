import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { freePort } from '../../dev/postgres/port.ts';
import { accepts } from '../support/accepts.ts';
import { until } from '../support/until.ts';

/** A daemon: an ordinary user's path may not have it. */
const PATH = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin`;

/** HAProxy in front of several servers of Postgres: it leads to the primary among them. */
export type Haproxy = {
  readonly port: number;
  stop(): Promise<void>;
};

/** The installed version, as `2.6.12`; null where there is none. */
export function haproxyVersion(): string | null {
  try {
    const output = execFileSync('haproxy', ['-v'], { encoding: 'utf8', env: { PATH } });
    return /version (\d+\.\d+\.\d+)/.exec(output)?.[1] ?? null;
  } catch {
    return null;
  }
}

/**
 * Starts it as Patroni's documentation does: it asks each node over HTTP whether it is the primary, and
 * ends the connections to one that is not. What answers for a node is a small server here.
 */
export async function startHaproxy(nodes: readonly string[]): Promise<Haproxy> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-haproxy-'));
  const port = await freePort(0);
  const witnesses = await Promise.all(nodes.map(startWitness));
  const lines = nodes.map((url, index) => {
    const { hostname, port: target } = new URL(url);
    return `  server node${index} ${hostname}:${target} check port ${witnesses[index]?.port}`;
  });
  const config = join(folder, 'haproxy.cfg');
  await writeFile(
    config,
    `global
  maxconn 500
defaults
  mode tcp
  timeout connect 1s
  timeout client 1h
  timeout server 1h
  timeout check 1s
listen primary
  bind 127.0.0.1:${port}
  option httpchk GET /primary
  http-check expect status 200
  default-server inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
${lines.join('\n')}
`,
  );
  const child = spawn('haproxy', ['-db', '-f', config], { env: { PATH }, stdio: 'ignore' });
  const ended = once(child, 'exit');
  // It takes every node for good until it has asked it twice.
  await until(() => witnesses.every((witness) => witness.timesAsked() > 2), 10_000);
  await until(() => accepts(port), 10_000);
  return {
    port,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      await Promise.all(witnesses.map((witness) => witness.stop()));
      await rm(folder, { recursive: true });
    },
  };
}

type Witness = {
  readonly port: number;
  /** How many answers were given. */
  timesAsked(): number;
  stop(): Promise<void>;
};

/** Says whether one node is the primary, as Patroni's `GET /primary` does. */
async function startWitness(url: string): Promise<Witness> {
  const sql = postgres(url, { max: 1, connect_timeout: 1, fetch_types: false });
  const isPrimary = async () => {
    const [row] = await sql<{ standby: boolean }[]>`select pg_is_in_recovery() as standby`;
    return row?.standby === false;
  };
  let asked = 0;
  const server = createServer((_, response) => {
    isPrimary().then(
      (yes) => {
        asked += 1;
        response.writeHead(yes ? 200 : 503).end();
      },
      () => response.writeHead(503).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    timesAsked: () => asked,
    async stop() {
      server.close();
      await sql.end({ timeout: 1 });
    },
  };
}
