import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LARGE, openSlow, SLOW, sendLarge } from '../bench/lib/hostile.ts';
import { startEmbeddedPostgres } from '../dev/embedded-postgres.ts';

/**
 * HT-5: what 500 slow connections do to everybody else. Starts the real server on a database of its
 * own, measures requests without and with the slow ones, and sends it 20 MB in each of two ways.
 *
 *   node scripts/slow-connections.ts
 */
const CONNECTIONS = 500;
const REQUESTS = 1_500;
const PORT = 4_917;

const folder = await mkdtemp(join(tmpdir(), 'latchkey-slow-'));
const database = await startEmbeddedPostgres({
  dataDir: join(folder, 'postgres'),
  settings: { fsync: 'off' },
  log: () => undefined,
});
const server = spawn(process.execPath, ['src/main.ts'], {
  stdio: ['ignore', 'ignore', 'inherit'],
  env: {
    ...process.env,
    NODE_ENV: 'test',
    PORT: String(PORT),
    LOG_LEVEL: 'error',
    DATABASE_URL: database.url,
    SECRET_KEYS: randomBytes(32).toString('base64'),
  },
});

const agent = new Agent({ keepAlive: true, maxSockets: 8 });
const BODY = '{"query":"{ authSettings { passwordMinLength } }"}';

function ask(): Promise<number> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        agent,
        port: PORT,
        path: '/graphql',
        method: 'POST',
        headers: { 'content-type': 'application/json' },
      },
      (answer) => {
        answer.resume().once('end', () => resolve(performance.now() - startedAt));
      },
    );
    sent.once('error', reject);
    sent.end(BODY);
  });
}

const ascending = (a: number, b: number) => a - b;

async function measure(): Promise<{ p50: number; p99: number }> {
  const times: number[] = [];
  const worker = async () => {
    while (times.length < REQUESTS) times.push(await ask());
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  const sorted = times.toSorted(ascending);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

async function rss(): Promise<number> {
  const { readFile } = await import('node:fs/promises');
  const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

try {
  for (let tries = 0; tries < 200; tries += 1) {
    if (
      await ask().then(
        () => true,
        () => false,
      )
    )
      break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await measure();
  for (const [kind, request] of Object.entries(SLOW)) {
    const rounds: { before: number; during: number }[] = [];
    for (let round = 0; round < 3; round += 1) {
      const before = await measure();
      const slow = Array.from({ length: CONNECTIONS }, () => openSlow(PORT, request));
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      const during = await measure();
      for (const one of slow) one.close();
      rounds.push({ before: before.p99, during: during.p99 });
    }
    const middle = (values: number[]) => values.toSorted(ascending)[1] ?? Number.NaN;
    const before = middle(rounds.map((round) => round.before));
    const during = middle(rounds.map((round) => round.during));
    const ratio = middle(rounds.map((round) => round.during / round.before));
    console.log(
      `${CONNECTIONS} ${kind}: p99 of others ${before.toFixed(1)} -> ${during.toFixed(1)} ms, median ratio ${ratio.toFixed(2)}`,
    );
  }
  const memory = await rss();
  const declared = await sendLarge(PORT, LARGE.declared);
  const chunked = await sendLarge(PORT, LARGE.chunked);
  const grown = (await rss()) - memory;
  console.log(
    `20 MB declared: ${declared}; 20 MB in chunks: ${chunked}; RSS ${grown.toFixed(1)} MB`,
  );
} finally {
  agent.destroy();
  server.kill('SIGTERM');
  if (server.exitCode === null) await new Promise((resolve) => server.once('exit', resolve));
  await database.stop();
  await rm(folder, { recursive: true, force: true });
}
