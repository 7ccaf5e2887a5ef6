import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import postgres from 'postgres';
import { startBenchPostgres } from '../bench/lib/database.ts';
import { startProgram } from '../bench/lib/program.ts';
import { summarize } from '../bench/lib/statistics.ts';
import { freePort } from '../dev/postgres/port.ts';

/**
 * HT-5a to HT-5e, GQ-6a and RL-14 against the real server: attacks of few bytes and many pieces. Each attack runs on
 * a thread of its own against a server that may open 1,024 descriptors. Four other callers keep sending requests.
 * Prints the server's memory and descriptors, and how long the callers waited.
 *
 *   node scripts/hostile-connections.ts [attack …]
 */

const DESCRIPTORS = 1_024;

/** Of attacks that need more connections than that. */
const MORE_DESCRIPTORS: Readonly<Record<string, number>> = { 'held bodies': 4_096 };
const HEAD = 'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';
const QUESTION = '{"query":"{ authSettings { passwordMinLength } }"}';

/** Takes equally long whether or not a mail is sent (LG-5). */
const MAIL = JSON.stringify({
  query: 'mutation { requestPasswordReset(input: { email: "nobody@example.com" }) { __typename } }',
});

/** Attacks and returns a sentence about the outcome. Connections stay open until the thread ends. */
type Attack = (port: number, databaseUrl: string) => Promise<string>;

const BODY_BYTES = 64 * 1024;
const ONE_BYTE_CHUNKS = Buffer.from('1\r\n \r\n'.repeat(BODY_BYTES));

const ATTACKS: Readonly<Record<string, Attack>> = {
  'one-byte chunks': (port) => chunks(port, HEAD),
  'one-byte chunks, no such path': (port) => chunks(port, HEAD.replace('/graphql', '/nothing')),
  'half a body': async (port) => {
    const sockets = Array.from({ length: 1_100 }, () =>
      open(port, `${HEAD}content-length: 100\r\n\r\n{"query":`),
    );
    const opened = await Promise.all(sockets.map(isOpen));
    await sleep(31_000);
    const isServed = await ask(port).then(isOk, isNot);
    return `${opened.filter(Boolean).length} opened; 31 s later a new connection is ${isServed ? 'served' : 'NOT served'}`;
  },
  'held bodies': async (port) => {
    const head = `${HEAD}content-length: ${BODY_BYTES}\r\n\r\n`;
    const almost = head + ' '.repeat(BODY_BYTES - 1);
    const sockets: Socket[] = [];
    for (let n = 0; n < 3_000; n += 1) {
      sockets.push(open(port, almost));
      if (n % 50 === 0) await sleep(20);
    }
    await sleep(3_000);
    const ended = sockets.filter((socket) => socket.destroyed || socket.readableEnded).length;
    const isServed = await ask(port).then(isOk, isNot);
    return `3000 bodies but for their last byte; ${ended} ended by the server; a new connection is ${isServed ? 'served' : 'NOT served'}`;
  },
  'slow readers': async (port) => {
    const page = 'GET /graphql HTTP/1.1\r\nhost: localhost\r\naccept: text/html\r\n\r\n';
    const sockets = Array.from({ length: 50 }, () => open(port, page));
    for (const socket of sockets) socket.pause();
    await sleep(35_000);
    return '50 readers, 35 s';
  },
  pipelined: async (port) => {
    const one = `${HEAD}content-length: ${MAIL.length}\r\n\r\n${MAIL}`;
    const socket = open(port, one.repeat(60_000));
    const startedAt = performance.now();
    let answers = 0;
    await new Promise<void>((resolve) => {
      socket.on('data', (bytes: Buffer) => {
        answers += bytes.toString('latin1').split('HTTP/1.1 200').length - 1;
        if (answers >= 60_000) resolve();
      });
      socket.once('close', resolve);
      setTimeout(resolve, 30_000).unref();
    });
    const seconds = (performance.now() - startedAt) / 1000;
    socket.destroy();
    return `${answers} of 60000 answered in ${seconds.toFixed(0)} s`;
  },
  documents: async (port) => {
    const times: number[] = [];
    for (let n = 0; n < 60; n += 1) {
      const query = `{ authSettings { ${'oauthProviders{id} '.repeat(240)} } } #${n}`;
      const startedAt = performance.now();
      await ask(port, JSON.stringify({ query })).catch(isNot);
      times.push(performance.now() - startedAt);
    }
    const { p50, p99 } = summarize(times.slice(10));
    return `4.4 kB, 240 copies, another comment each: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
  },
  'a flooding account': flood,
};

/** One account changes its profile for 150 s, 8 requests at a time and 5 changes a request (RL-14). */
async function flood(port: number, databaseUrl: string): Promise<string> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const input = { email: 'flood@example.com', password: randomBytes(16).toString('hex') };
  const registered = await call(port, {
    agent,
    body: {
      query:
        'mutation ($input: RegisterInput!) { register(input: $input) { ... on SignedIn { accessToken } } }',
      variables: { input },
    },
  });
  const { accessToken } = registered.data.register;
  const sql = postgres(databaseUrl, { max: 1 });
  const rows = async () => {
    const [counted] = await sql`select (select count(*) from audit_events) as events,
      (select count(*) from rate_limit_counters) as counters`;
    return counted;
  };
  const before = await rows();
  const until = performance.now() + 150_000;
  let allowed = 0;
  let refused = 0;
  const flooder = async () => {
    while (performance.now() < until) {
      const changes = ['a', 'b', 'c', 'd', 'e'].map(
        (alias) =>
          `${alias}: updateProfile(input: { name: "${alias}${allowed + refused}" }) { __typename }`,
      );
      const body = { query: `mutation { ${changes.join(' ')} }` };
      const answer = await call(port, { agent, accessToken, body });
      for (const { __typename } of Object.values<{ __typename: string }>(answer.data ?? {})) {
        if (__typename === 'RateLimitedError') refused += 1;
        else allowed += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, flooder));
  const after = await rows();
  await sql.end();
  agent.destroy();
  return (
    `150 s: ${allowed} changes, ${refused} refused; rows of the audit log ${before?.['events']} -> ` +
    `${after?.['events']}, of the limits ${before?.['counters']} -> ${after?.['counters']}`
  );
}

async function call(
  port: number,
  { agent, accessToken, body }: { agent: Agent; accessToken?: string; body: object },
) {
  return await new Promise<{ data: Record<string, never> & { register: { accessToken: string } } }>(
    (resolve, reject) => {
      const headers = {
        'content-type': 'application/json',
        ...(accessToken && { authorization: `Bearer ${accessToken}` }),
      };
      const sent = request({ agent, port, path: '/graphql', method: 'POST', headers }, (answer) => {
        answer.setEncoding('utf8');
        let text = '';
        answer.on('data', (part: string) => {
          text += part;
        });
        answer.once('end', () => resolve(JSON.parse(text)));
      });
      sent.once('error', reject);
      sent.end(JSON.stringify(body));
    },
  );
}

async function chunks(port: number, head: string): Promise<string> {
  const sockets = Array.from({ length: 20 }, () =>
    open(port, `${head}transfer-encoding: chunked\r\n\r\n`),
  );
  for (const socket of sockets) socket.write(ONE_BYTE_CHUNKS);
  for (const socket of sockets) socket.write('0\r\n\r\n');
  const ended = Promise.all(sockets.map(hasEnded));
  await Promise.race([ended, sleep(15_000)]);
  const closed = sockets.filter((socket) => socket.destroyed || socket.readableEnded).length;
  return `${closed} of 20 connections ended by the server`;
}

/** Never closes its own side: connections that the server leaves open stay open. */
function open(port: number, bytes: string): Socket {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => socket.destroy());
  socket.write(bytes);
  return socket;
}

function isOpen(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true)).once('close', () => resolve(false));
    setTimeout(() => resolve(!socket.connecting), 3_000).unref();
  });
}

function hasEnded(socket: Socket): Promise<void> {
  socket.resume();
  return new Promise((resolve) => {
    socket.once('end', resolve).once('close', resolve);
  });
}

function ask(port: number, body = QUESTION, agent: Agent | false = false): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const sent = request({ agent, port, path: '/graphql', method: 'POST', headers }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.setTimeout(5_000, () => sent.destroy(new Error('No answer for 5 s.')));
    sent.once('error', reject);
    sent.end(body);
  });
}

const isOk = (status: number) => status === 200;
const isNot = () => false;

/** Runs four callers until `done`. Returns how long they waited, and how often there was no response. */
async function callers(port: number, done: () => boolean) {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const times: number[] = [];
  let failures = 0;
  const caller = async () => {
    while (!done()) {
      const startedAt = performance.now();
      if (!(await ask(port, QUESTION, agent).then(isOk, isNot))) failures += 1;
      times.push(performance.now() - startedAt);
      await sleep(2);
    }
  };
  await Promise.all(Array.from({ length: 4 }, caller));
  agent.destroy();
  return { ...summarize(times), worst: times.reduce((a, b) => Math.max(a, b), 0), failures };
}

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const database = await startBenchPostgres();
  try {
    for (const name of Object.keys(ATTACKS)) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      await report(name, await database.create(name.replace(/\W/g, '_')));
    }
  } finally {
    await database.stop();
  }
}

async function report(name: string, databaseUrl: string): Promise<void> {
  const port = await freePort(0);
  const server = await startProgram({
    args: ['src/main.ts'],
    // As in production: a developer's own machine has higher limits.
    env: {
      NODE_ENV: 'production',
      PORT: String(port),
      PUBLIC_URL: `http://localhost:${port}`,
      LOG_LEVEL: 'error',
      DATABASE_URL: databaseUrl,
      MIGRATE_ON_START: 'true',
      SECRET_KEYS: randomBytes(32).toString('base64'),
      EMAIL_VERIFICATION: 'optional',
      GRAPHIQL: 'true',
      MAIL_FROM: 'no-reply@example.com',
      SMTP_URL: 'smtp://127.0.0.1:9',
    },
    port,
    pin: false,
    descriptors: MORE_DESCRIPTORS[name] ?? DESCRIPTORS,
    isReady: () => ask(port).then(isOk, isNot),
  });
  try {
    const rss = () => server.memory()?.now ?? Number.NaN;
    const descriptors = () => readdirSync(`/proc/${server.pid}/fd`).length;
    const startedAt = performance.now();
    const quiet = await callers(port, () => performance.now() - startedAt > 4_000);
    const before = { rss: rss(), descriptors: descriptors() };
    const highest = { ...before };
    let outcome: string | null = null;
    const worker = new Worker(new URL(import.meta.url), {
      workerData: { name, port, databaseUrl },
    });
    worker.once('message', (text: string) => {
      outcome = text;
    });
    const watching = setInterval(() => {
      highest.rss = Math.max(highest.rss, rss());
      highest.descriptors = Math.max(highest.descriptors, descriptors());
    }, 20);
    const attackedAt = performance.now();
    const isFinished = () => outcome !== null && performance.now() - attackedAt > 4_000;
    const during = await callers(port, isFinished).finally(() => clearInterval(watching));
    const after = descriptors();
    await worker.terminate();
    console.log(
      `${name}: ${outcome}\n  RSS ${before.rss} -> ${highest.rss} MB; descriptors ${before.descriptors} -> ` +
        `${highest.descriptors} -> ${after}; others p99 ${quiet.p99.toFixed(1)} -> ${during.p99.toFixed(1)} ms, ` +
        `worst ${during.worst.toFixed(0)} ms, ${during.failures} unanswered`,
    );
  } finally {
    await server.stop();
  }
}

if (isMainThread) await main();
else {
  const { name, port, databaseUrl }: { name: string; port: number; databaseUrl: string } =
    workerData;
  const attack = ATTACKS[name];
  if (!attack) throw new TypeError(`There is no attack "${name}".`);
  parentPort?.postMessage(await attack(port, databaseUrl));
  // The thread keeps its connections until it is terminated.
  setInterval(() => undefined, 1_000);
}
