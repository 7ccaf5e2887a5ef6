import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { startBenchPostgres } from '../bench/lib/database.ts';
import { LARGE, openSlow, SLOW, sendLarge } from '../bench/lib/hostile.ts';
import { startProgram } from '../bench/lib/program.ts';
import { median, type Summary, summarize } from '../bench/lib/statistics.ts';
import { freePort } from '../dev/postgres/port.ts';

/**
 * HT-5: measures what 500 slow connections do to other requests. Starts the real server on a database of its own,
 * measures requests without and with the slow connections, and sends 20 MB in each of two ways.
 *
 *   node scripts/slow-connections.ts
 */
const CONNECTIONS = 500;
const REQUESTS = 1_500;

const port = await freePort(0);
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
const BODY = '{"query":"{ authSettings { passwordMinLength } }"}';

function ask(): Promise<number> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        agent,
        port,
        path: '/graphql',
        method: 'POST',
        headers: { 'content-type': 'application/json' },
      },
      (answer) => {
        if (answer.statusCode !== 200) reject(new Error(`Answered with ${answer.statusCode}.`));
        answer.resume().once('end', () => resolve(performance.now() - startedAt));
      },
    );
    sent.once('error', reject);
    sent.end(BODY);
  });
}

async function measure(): Promise<Summary> {
  const times: number[] = [];
  const worker = async () => {
    while (times.length < REQUESTS) times.push(await ask());
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  return summarize(times);
}

const database = await startBenchPostgres();
const ends = [database.stop];
try {
  const server = await startProgram({
    args: ['src/main.ts'],
    env: {
      NODE_ENV: 'test',
      PORT: String(port),
      LOG_LEVEL: 'error',
      DATABASE_URL: await database.create('slow'),
      SECRET_KEYS: randomBytes(32).toString('base64'),
    },
    port,
    pin: false,
    isReady: () =>
      ask().then(
        () => true,
        () => false,
      ),
  });
  ends.unshift(server.stop);
  await measure();
  for (const [kind, request] of Object.entries(SLOW)) {
    const rounds: { before: number; during: number }[] = [];
    for (let round = 0; round < 3; round += 1) {
      const before = await measure();
      const slow = Array.from({ length: CONNECTIONS }, () => openSlow(port, request));
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      const during = await measure();
      for (const one of slow) one.close();
      rounds.push({ before: before.p99, during: during.p99 });
    }
    const before = median(rounds.map((round) => round.before));
    const during = median(rounds.map((round) => round.during));
    const ratio = median(rounds.map((round) => round.during / round.before));
    console.log(
      `${CONNECTIONS} ${kind}: p99 of others ${before.toFixed(1)} -> ${during.toFixed(1)} ms, median ratio ${ratio.toFixed(2)}`,
    );
  }
  const rss = () => server.memory()?.now ?? Number.NaN;
  const memory = rss();
  const declared = await sendLarge(port, LARGE.declared);
  const chunked = await sendLarge(port, LARGE.chunked);
  const grown = rss() - memory;
  console.log(`20 MB declared: ${declared}; 20 MB in chunks: ${chunked}; RSS ${grown} MB`);
} finally {
  agent.destroy();
  for (const end of ends) await end();
}
