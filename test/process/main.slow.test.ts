import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { LOGIN, PASSWORD, REFRESH, REGISTER } from '../support/journeys.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { trialsOr } from '../support/trials.ts';
import { until } from '../support/until.ts';
import { launch, launchBundle, post } from './server-process.ts';
import { freePort, productionEnv } from './spawn.ts';

/** Nothing listens there; mails wait in the outbox. */
const NO_SMTP = 'smtp://127.0.0.1:9';

// Processes start slowly where many do at once.
vi.setConfig({ testTimeout: 60_000 });

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** The servers of this file are one deployment: what one sealed the next can open. */
const SECRET_KEYS = randomBytes(32).toString('base64');

const production = async (
  more: Readonly<Record<string, string>> = {},
): Promise<Record<string, string>> => ({
  ...(await productionEnv({ databaseUrl: database.url, smtpUrl: NO_SMTP })),
  SECRET_KEYS,
  ...more,
});

/** One statement as the operator. */
async function run(statement: string, url = database.url): Promise<void> {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => undefined });
  await sql.unsafe(statement);
  await sql.end();
}

test('production boots, is live and ready, logs JSON lines and shows no development page', async () => {
  const env = await production();
  const server = launch({ env });
  await server.listening();
  const status = async (path: string) => (await fetch(server.url + path)).status;
  expect(await status('/health/live')).toBe(200);
  expect(await status('/health/ready')).toBe(200);
  expect(await status('/.well-known/jwks.json')).toBe(200);
  expect(await status('/dev/mailbox')).toBe(404);
  expect(await status('/')).toBe(404);
  const page = await fetch(`${server.url}/graphql`, { headers: { accept: 'text/html' } });
  expect(await page.text()).not.toContain('<html');
  const lines = server.output().trim().split('\n');
  expect(lines.every((line) => line.startsWith('{'))).toBe(true);
  expect(server.log().find(({ msg }) => msg === 'listening')).toMatchObject({ level: 'info' });
  expect(server.output()).not.toContain(env['SECRET_KEYS']);
});

test('F-1: SIGTERM: ready turns 503 first, every login is answered, exit 0 within 10 s', async () => {
  // Slow hashes, so that one is under way whenever the socket closes.
  const server = await launchBundle(
    await production({ EMAIL_VERIFICATION: 'optional', ARGON2_ITERATIONS: '6' }),
  );
  await server.listening();
  const input = { email: 'drain@example.com', password: PASSWORD };
  expect((await post(server.url, REGISTER, { input })).data.register.__typename).toBe('SignedIn');

  const answers: { readonly kind: string; readonly connection: string | null }[] = [];
  const signInUntilRefused = async (): Promise<unknown> => {
    for (;;) {
      try {
        const { data, headers } = await post(server.url, LOGIN, { input });
        answers.push({ kind: data.login.__typename, connection: headers.get('connection') });
      } catch (error) {
        return error;
      }
    }
  };
  const first = signInUntilRefused();
  await until(() => answers.length > 0);
  const asked = performance.now();
  server.kill('SIGTERM');
  await until(async () => (await fetch(`${server.url}/health/ready`)).status === 503, 1_000);
  expect((await fetch(`${server.url}/health/live`)).status).toBe(200);

  expect(await first).toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  expect(new Set(answers.map(({ kind }) => kind))).toEqual(new Set(['SignedIn']));
  expect(answers.at(-1)?.connection).toBe('close');
  expect(await server.ended).toBe(0);
  expect(performance.now() - asked).toBeLessThan(10_000);
  expect(server.log().map(({ msg }) => msg)).toContain('stopped');
});

test('F-2: kill -9 under load, restart: whoever holds the last answer goes on', async () => {
  const env = await production({ EMAIL_VERIFICATION: 'optional', TRUSTED_PROXY_HOPS: '1' });
  let server = await launchBundle(env);
  await server.listening();
  const register = async (index: number): Promise<string> => {
    const input = { email: `holder-${index}@example.com`, password: PASSWORD };
    // Twelve people at twelve addresses: one source may register ten an hour (RL-13).
    const from = { 'x-forwarded-for': `198.51.100.${index}` };
    return (await post(server.url, REGISTER, { input }, from)).data.register.refreshToken;
  };
  const tokens = await Promise.all(Array.from({ length: 12 }, (_, index) => register(index)));

  for (let round = 1; round <= Math.min(trialsOr(1), 20); round += 1) {
    const counts = tokens.map(() => 0);
    const load = tokens.map(async (_, index) => {
      for (;;) {
        const input = { refreshToken: tokens[index] };
        // The answer that is lost with the process: its holder still has the token before it.
        const reply = await post(server.url, REFRESH, { input }).catch(() => null);
        if (!reply) return;
        expect(reply.data.refreshToken.__typename, `round ${round}`).toBe('SignedIn');
        tokens[index] = reply.data.refreshToken.refreshToken;
        counts[index] = (counts[index] ?? 0) + 1;
      }
    });
    await until(() => counts.every((count) => count >= 5));
    server.kill('SIGKILL');
    expect(await server.ended).toBe('SIGKILL');
    await Promise.all(load);
    server = await launchBundle(env);
    await server.listening();
    const replies = await Promise.all(
      tokens.map((refreshToken) => post(server.url, REFRESH, { input: { refreshToken } })),
    );
    const kinds = replies.map(({ data }) => data.refreshToken.__typename);
    expect(kinds, `round ${round}`).toEqual(tokens.map(() => 'SignedIn'));
    for (const [index, { data }] of replies.entries()) {
      tokens[index] = data.refreshToken.refreshToken;
    }
  }
});

test('a port that is taken is one clear line and exit 1', async () => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  onTestFinished(() => void squatter.close());
  const address = squatter.address();
  const port = String(typeof address === 'object' ? address?.port : '');
  const server = await launchBundle(await production({ PORT: port, LOG_LEVEL: 'error' }));
  expect(await server.ended).toBe(1);
  expect(server.output()).toBe(
    `Latchkey could not start: port ${port} on 127.0.0.1 is in use; set PORT to a free port.\n`,
  );
});

test('CF-5: it refuses a database that is behind, or newer, unless it may migrate', async () => {
  const empty = await createTestDatabase();
  onTestFinished(() => empty.drop());
  await run('drop schema public cascade; create schema public', empty.url);
  const env = await production({ DATABASE_URL: empty.url, LOG_LEVEL: 'error' });
  const behind = await launchBundle(env);
  expect(await behind.ended).toBe(1);
  expect(behind.output()).toMatch(
    /^Latchkey could not start: the database is behind .* 0000_\w+.* 'latchkey migrate up'.*\n$/,
  );

  const migrating = await launchBundle({ ...env, MIGRATE_ON_START: 'true', LOG_LEVEL: 'info' });
  await migrating.listening();
  expect((await fetch(`${migrating.url}/health/ready`)).status).toBe(200);
  await run("insert into latchkey_migrations (name, hash) values ('9999_x', 'y')", empty.url);
  await until(async () => (await fetch(`${migrating.url}/health/ready`)).status === 503);

  const newer = await launchBundle({ ...env, PORT: String(await freePort()) });
  expect(await newer.ended).toBe(1);
  expect(newer.output()).toMatch(/The database is newer than this version .* 9999_x\.\n$/);
});

test('a database that is away is one clear line without its address, and exit 1', async () => {
  const url = new URL(database.url);
  url.port = String(await freePort());
  const server = await launchBundle(await production({ DATABASE_URL: url.href }));
  expect(await server.ended).toBe(1);
  expect(server.output()).toMatch(/^Latchkey could not start: .*ECONNREFUSED\)\.\n$/);
  expect(server.output()).not.toContain(url.password);
});

test('CF-1: unsafe settings are listed at once and end with 78', async () => {
  const server = await launchBundle({ NODE_ENV: 'production', PORT: '0' });
  expect(await server.ended).toBe(78);
  for (const name of ['PORT', 'PUBLIC_URL', 'DATABASE_URL', 'SECRET_KEYS', 'SMTP_URL']) {
    expect(server.output()).toContain(`\n  ${name} `);
  }
});

test('CF-2, DR-2: secrets may come as files, and another root secret prevents the start', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-secrets-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const { DATABASE_URL = '', SMTP_URL = '', ...env } = await production();
  const other = randomBytes(32).toString('base64');
  const start = async (secret: string) => {
    const files: Record<string, string> = {};
    for (const [name, text] of Object.entries({ SECRET_KEYS: secret, DATABASE_URL, SMTP_URL })) {
      files[`${name}_FILE`] = join(folder, name);
      await writeFile(join(folder, name), `${text}\n`, { mode: 0o600 });
    }
    const { SECRET_KEYS: _, ...rest } = env;
    return await launchBundle({ ...rest, ...files });
  };
  const wrong = await start(other);
  expect(await wrong.ended).toBe(1);
  expect(wrong.output()).toContain('SECRET_KEYS lacks the secret it was sealed with');
  const right = await start(`${other},${SECRET_KEYS}`);
  await right.listening();
});

test('development says where everything is, and is gone soon after Ctrl-C', async () => {
  const port = String(await freePort());
  const env = { DATABASE_URL: database.url, PORT: port, SECRET_KEYS };
  const server = launch({ env, command: ['dev/server.ts'] });
  await server.listening();
  await until(() => server.output().includes('jwks.json'));
  expect(server.output()).toContain(`GraphiQL  http://localhost:${port}/graphql`);
  expect(server.output()).toContain(`Mailbox   http://localhost:${port}/dev/mailbox`);
  expect((await fetch(`${server.url}/dev/mailbox`)).status).toBe(200);
  server.kill('SIGINT');
  expect(await server.ended).toBe(0);
});
