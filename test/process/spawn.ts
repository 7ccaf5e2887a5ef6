import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { until } from '../support/until.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The server as its operator sees it: a process, its output and its socket. */
export type ServerProcess = {
  readonly url: string;
  readonly pid: number;
  /** Everything printed so far. */
  output(): string;
  /** The JSON lines of the log printed so far. */
  log(): readonly Readonly<Record<string, unknown>>[];
  kill(signal: NodeJS.Signals): void;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** @throws when it ends instead */
  listening(): Promise<void>;
};

export type LaunchOptions = {
  /** All the process is given besides PATH. */
  readonly env: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly cwd?: string;
  readonly node?: string;
  readonly uid?: number;
};

/** Starts `node src/main.ts`, or another command. Whoever calls ends it. */
export function spawnServer(options: LaunchOptions): ServerProcess {
  const { env, command = ['src/main.ts'], cwd = ROOT, node = process.execPath, uid } = options;
  const child = spawn(node, command, {
    cwd,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid !== undefined && { uid, gid: uid }),
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const ended = endOf(child);
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  return {
    url: `http://127.0.0.1:${env['PORT'] ?? '4000'}`,
    pid: child.pid ?? 0,
    output: () => printed,
    log: () =>
      printed
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map(toRecord),
    kill: (signal) => void child.kill(signal),
    ended,
    listening: async () => {
      await until(() => hasEnded() || printed.includes('listening'), 30_000);
      if (hasEnded()) throw new Error(`It ended instead of listening:\n${printed}`);
    },
  };
}

async function endOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  const [code, signal]: (number | NodeJS.Signals | null)[] = await once(child, 'close');
  return code ?? signal ?? 'SIGKILL';
}

function toRecord(line: string): Readonly<Record<string, unknown>> {
  return JSON.parse(line);
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A full set of production settings, as a deployment gives them. */
export async function productionEnv(settings: {
  readonly databaseUrl: string;
  readonly smtpUrl: string;
}): Promise<Record<string, string>> {
  return {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: String(await freePort()),
    PUBLIC_URL: 'https://auth.example.com',
    APP_URL: 'https://app.example.com',
    DATABASE_URL: settings.databaseUrl,
    SECRET_KEYS: randomBytes(32).toString('base64'),
    SMTP_URL: settings.smtpUrl,
    MAIL_FROM: 'Example <no-reply@example.com>',
  };
}
