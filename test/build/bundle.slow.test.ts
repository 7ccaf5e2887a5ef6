import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../dev/postgres/port.ts';
import { createCollector } from '../observability/collector.ts';
import { bundle } from '../support/bundle.ts';
import { LOGIN, PASSWORD, REGISTER, VERIFY_EMAIL } from '../support/journeys.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { createSmtpSink, type SmtpSink } from '../support/smtp-sink.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const CHECKOUT = join(import.meta.dirname, '../..');

let folder: string;
let database: TestDatabase;
let sink: SmtpSink;
let env: Record<string, string>;

// Outside of the checkout: whatever the bundle lacks, it cannot find by luck.
beforeAll(async () => {
  folder = await bundle();
  database = await createTestDatabase();
  sink = await createSmtpSink();
  const port = String(await freePort(0));
  env = {
    NODE_ENV: 'production',
    PORT: port,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DATABASE_URL: database.url,
    SECRET_KEYS: randomBytes(32).toString('base64'),
    SMTP_URL: sink.url,
    MAIL_FROM: 'auth@example.com',
  };
}, 60_000);

afterAll(async () => {
  await sink.stop();
  await database.drop();
});

test('the bundle carries the server: register, verify, sign in, and be refused by name', async () => {
  const collector = await createCollector();
  const telemetry = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
  };
  const server = spawn(process.execPath, [join(folder, 'main.mjs')], {
    env: { ...env, ...telemetry },
    stdio: 'ignore',
  });
  try {
    const url = env['PUBLIC_URL'] ?? '';
    await until(() =>
      fetch(`${url}/health/ready`).then(
        ({ ok }) => ok || undefined,
        () => undefined,
      ),
    );
    const graphql = async (query: string, input: object) => {
      const body = JSON.stringify({ query, variables: { input } });
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${url}/graphql`, { method: 'POST', headers, body });
      return Object.values((await answer.json()).data)[0];
    };
    const email = 'ada@example.com';
    const weak = await graphql(REGISTER, { email, password: 'password123' });
    expect(weak, 'the shipped list of common passwords').toMatchObject({
      __typename: 'WeakPasswordError',
    });
    const asked = await graphql(REGISTER, { email, password: PASSWORD });
    expect(asked).toMatchObject({ __typename: 'EmailVerificationRequired' });
    const mail = await until(() => sink.mails[0]);
    const code = /\b(\d{4}) ?(\d{4})\b/.exec(mail.data)?.slice(1).join('') ?? '';
    const { registrationToken } = asked as { registrationToken: string };
    const proof = { code: { email, code } };
    const verified = await graphql(VERIFY_EMAIL, { proof, registrationToken });
    expect(verified).toMatchObject({ __typename: 'SignedIn' });
    const entered = await graphql(LOGIN, { email, password: PASSWORD });
    expect(entered).toMatchObject({ __typename: 'SignedIn' });
    const refused = await graphql(LOGIN, { email, password: 'something else' });
    expect(refused).toMatchObject({ __typename: 'InvalidCredentialsError' });
    await until(() => collector.bytes('/v1/traces').includes('mutation login'), 15_000);
    await until(() => collector.bytes('/v1/metrics').includes('latchkey.mutation.outcomes'));
  } finally {
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  }
});

/** Loaded before the server: node:http fails underneath it, once. */
const FAULTY = `data:text/javascript,${encodeURIComponent(`
  import { ServerResponse } from 'node:http';
  const { prototype } = ServerResponse;
  const { writeHead } = prototype;
  prototype.writeHead = () => {
    prototype.writeHead = writeHead;
    throw new Error('no head');
  };
`)}`;

test('LO-7: an error’s stack names the lines of the sources, with no flag of Node’s', async () => {
  const server = spawn(process.execPath, ['--import', FAULTY, join(folder, 'main.mjs')], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  server.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const ended = once(server, 'exit');
  try {
    await until(() => printed.includes('listening'), 20_000);
    expect((await fetch(`${env['PUBLIC_URL']}/health/live`)).status).toBe(500);
    const line = await until(() => printed.split('\n').find((one) => one.includes('no head')));
    const { stack }: { stack: string } = JSON.parse(line).err;
    const [, where = '', at] = /\((\S+http-server\.ts):(\d+):\d+\)/.exec(stack) ?? [];
    expect(where, stack).toMatch(/^file:.*\/src\/http\/http-server\.ts$/);
    const source = await readFile(join(CHECKOUT, 'src/http/http-server.ts'), 'utf8');
    expect(source.split('\n')[Number(at) - 1]).toContain('outgoing.writeHead(');
  } finally {
    server.kill('SIGKILL');
    await ended;
  }
});

test('the bundle carries the command line and the migrations', async () => {
  const status = await run(process.execPath, [join(folder, 'cli.mjs'), 'migrate', 'status'], {
    env,
  });
  expect(status.stdout).toMatch(/^applied {2}0000_init$/m);
  expect(status.stdout).not.toMatch(/^(pending|unknown)/m);
});

test('what is imported lazily is not loaded at the start: Yoga, GraphiQL, the OpenID client, the SMTP client, OpenTelemetry, the QR code, WebAuthn, the administrators’ schema', async () => {
  const loaded = new Set<string>();
  const follow = async (file: string): Promise<void> => {
    if (loaded.has(file)) return;
    loaded.add(file);
    const text = await readFile(join(folder, file), 'utf8');
    const imports = text.matchAll(/^(?:import|export)[^;'"]*?["']\.\/([\w-]+\.mjs)["'];$/gm);
    await Promise.all([...imports].map(([, target = '']) => follow(target)));
  };
  await follow('server.mjs');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.mjs'));
  const lazy = files.filter((file) => !loaded.has(file) && !/^(main|cli)\.mjs$/.test(file));
  expect(loaded.size).toBeGreaterThan(1);
  // Chunks are called after their files: those of GraphiQL and WebAuthn are esm and helpers, openid-client's is build.
  const names = lazy.map((file) => file.replace(/-[A-Z0-9]+\.mjs$/, ''));
  // OpenTelemetry comes with chunks of its own, of which some are for other systems.
  const parts = new Set(names.filter((name) => !/^(chunk|getMachineId-\w+)$/.test(name)));
  expect([...parts].sort()).toEqual([
    ...['build', 'esm', 'helpers', 'lib', 'nodemailer', 'opentelemetry', 'schema', 'yoga'],
  ]);
  const texts = [...loaded].map((file) => readFile(join(folder, file), 'utf8'));
  expect((await Promise.all(texts)).join('')).not.toMatch(
    /BatchSpanProcessor|PeriodicExportingMetricReader/,
  );
});

test('the bundle has no development page', async () => {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.mjs'));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const page = await readFile(join(CHECKOUT, 'dev/pages/index-page.ts'), 'utf8');
  for (const words of ['The server is running.', 'These pages exist only in development.']) {
    expect(page).toContain(words);
    expect(texts.filter((text) => text.includes(words))).toEqual([]);
  }
});
