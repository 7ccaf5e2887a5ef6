import { execFileSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { IMAGE_ENV } from '../../bench/contenders/latchkey.ts';
import { IMAGE_FLAGS } from '../../scripts/build/image-flags.ts';
import { LOGIN, PASSWORD, REGISTER, VERIFY_EMAIL } from '../support/journeys.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { MFA } from '../support/second-factor.ts';
import { createSmtpSink, type SmtpSink } from '../support/smtp-sink.ts';
import { until } from '../support/until.ts';
import { buildImageTree, hasCompiler, type ImageTree, readDockerfile } from './image-tree.ts';
import { launch, post } from './server-process.ts';
import { productionEnv } from './spawn.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 300_000 });

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
  expect(lines.at(-1)).toBe(
    'CMD ["node", "--max-semi-space-size=8", "--no-allocation-site-pretenuring", "dist/main.mjs"]',
  );
  expect(lines.join('\n')).toContain('npm ci --ignore-scripts');
  expect(await healthCheck()).toEqual(['node', 'dist/cli.mjs', 'health']);
});

test('O-18: the base image has its whole name, and the image says what it is', async () => {
  const lines = await readDockerfile();
  expect(lines).toContain('ARG NODE=docker.io/library/node:26-slim');
  const label = lines.find((line) => line.startsWith('LABEL ')) ?? '';
  const manifest = JSON.parse(
    await readFile(join(import.meta.dirname, '../../package.json'), 'utf8'),
  );
  for (const [name, value] of [
    ['version', `$${'{VERSION}'}`],
    ['revision', `$${'{REVISION}'}`],
    ['licenses', manifest.license],
    ['description', manifest.description],
  ]) {
    expect(label).toContain(`org.opencontainers.image.${name}="${value}"`);
  }
  expect(lines).toContain(`ARG VERSION="${manifest.version}"`);
});

test('the bench measures the server with the variables and the command of the image', async () => {
  const line = (await readDockerfile()).find((one) => one.startsWith('ENV ')) ?? '';
  const variables = line
    .split(/\s+/)
    .slice(1)
    .map((one) => one.split('='));
  // The bench sets these two itself: for a machine, not for a container.
  const { NODE_ENV, HOST, ...others } = Object.fromEntries(variables);
  expect({ NODE_ENV, HOST }).toEqual({ NODE_ENV: 'production', HOST: '::' });
  expect(others).toEqual(IMAGE_ENV);
  expect(await start()).toEqual([...IMAGE_FLAGS, 'dist/main.mjs']);
});

test('what the build copies is let into its context', async () => {
  const ignored = await readFile(join(import.meta.dirname, '../../.dockerignore'), 'utf8');
  const copied = (await readDockerfile())
    .filter((line) => /^COPY (?!--from)/.test(line))
    .flatMap((line) => line.split(' ').slice(1, -1));
  expect(ignored.trim().split('\n').sort()).toEqual(
    ['*', ...copied.map((name) => `!${name}`)].sort(),
  );
});

test('CT-3: the bundle, the migrations and one native addon are in it, and nothing else', async () => {
  const at = (...path: readonly string[]) => readdir(join(tree.path, ...path));
  expect(await at()).toEqual(['dist']);
  expect(await at('dist')).toContain('database-role.sql');
  expect(await at('dist', 'drizzle')).toContain('0000_init.sql');
  const packages = join('dist', 'node_modules');
  expect((await at(packages)).sort()).toEqual(['@phc', 'argon2', 'node-gyp-build']);
  expect(await at(packages, 'argon2', 'prebuilds')).toEqual([
    `${process.platform}-${process.arch}`,
  ]);
  if (!hasCompiler) return;
  expect(await at(packages, 'argon2', 'build')).toEqual(['Release']);
  const release = (await at(packages, 'argon2', 'build', 'Release')).sort();
  expect(release).toEqual(['argon2.node', 'march.txt']);
});

test('what the bundle loads late has the names it is asked for', async () => {
  const dist = join(tree.path, 'dist');
  const files = (await readdir(dist)).filter((name) => name.endsWith('.mjs'));
  const texts = await Promise.all(files.map((name) => readFile(join(dist, name), 'utf8')));
  const asked = texts.flatMap((text) => [
    ...text.matchAll(/const \{ ([^{}]+) \} = await import\("\.\/([^"]+)"\)/g),
  ]);
  expect(asked.length).toBeGreaterThanOrEqual(4);
  for (const [, names = '', file = ''] of asked) {
    const module = await import(pathToFileURL(join(dist, file)).href);
    for (const name of names.split(',').map((one) => one.split(':')[0]?.trim() ?? ''))
      expect(Object.keys(module), file).toContain(name);
  }
});

test('the compile cache is the one of the user, and of the flags, that the server runs with', async () => {
  const [, user] = /^USER (\d+)/m.exec((await readDockerfile()).join('\n')) ?? [];
  const caches = await readdir(join(tree.path, 'dist', 'compile-cache'));
  const tags = [IMAGE_FLAGS, []].map(cacheTag);
  expect(new Set(tags).size).toBe(2);
  expect(caches.map((name) => name.split('-').slice(-2)).sort()).toEqual(
    tags.map((tag) => [tag, uid.uid ? user : String(process.getuid?.())]).sort(),
  );
});

const V3 = process.arch === 'x64' && hasCompiler;

test.runIf(V3)(
  'a processor without AVX2 gets the prebuilt binary, one with it the quick one',
  async () => {
    const env = await productionEnv({ databaseUrl: database.url, smtpUrl: smtp.url });
    const hidden = await startOn(env, (cpuinfo) => cpuinfo.replaceAll(' avx2', ''));
    expect(hidden).toBe('prebuilt binary');
    // Its text is what the server is given: it names nothing from here.
    expect(await startOn(env, () => 'flags : avx avx2 bmi1 bmi2 f16c fma abm movbe')).toBe(
      'built from source for x86-64-v3',
    );
  },
);

test('CT-2, SC-1: migrate, start, sign up, sign in and set up an app: unprivileged, on a tree nobody can write', async () => {
  const command = { node: tree.node, cwd: tree.path, ...uid };
  const env = await productionEnv({ databaseUrl: database.url, smtpUrl: smtp.url });
  await expectReadOnly();
  const sql = postgres(database.url, { max: 1, fetch_types: false, onnotice: () => undefined });
  await sql.unsafe('drop schema public cascade; create schema public');
  await sql.end();

  const migrate = launch({ ...command, env, command: ['dist/cli.mjs', 'migrate', 'up'] });
  expect(await migrate.ended, migrate.output()).toBe(0);
  expect(migrate.output()).toMatch(/^applied 0000_/);

  const server = launch({ ...command, env, command: await start() });
  await server.listening();
  const [, ...check] = await healthCheck();
  const health = launch({ ...command, env: { PORT: env['PORT'] ?? '' }, command: check });
  expect(await health.ended, health.output()).toBe(0);

  const email = 'ada@example.com';
  const asked = await post(server.url, REGISTER, { input: { email, password: PASSWORD } });
  const { registrationToken } = asked.data.register;
  const mail = await until(() => smtp.mails.find(({ to }) => to.includes(email)), 20_000);
  const code = /^(\d{8})\r?$/m.exec(mail.data)?.[1];
  const verified = await post(server.url, VERIFY_EMAIL, {
    input: { proof: { code: { email, code } }, registrationToken },
  });
  expect(verified.data.verifyEmail.__typename).toBe('SignedIn');
  const login = await post(server.url, LOGIN, { input: { email, password: PASSWORD } });
  expect(login.data.login.__typename).toBe('SignedIn');
  const bearer = { authorization: `Bearer ${login.data.login.accessToken}` };
  const { enableTotp } = (await post(server.url, MFA.enableTotp, {}, bearer)).data;
  expect(enableTotp.qrCode).toMatch(/^data:image\/svg\+xml;base64,/);

  server.kill('SIGTERM');
  expect(await server.ended).toBe(0);
  const unhealthy = launch({ ...command, env: { PORT: env['PORT'] ?? '' }, command: check });
  expect(await unhealthy.ended).toBe(1);
  expect(unhealthy.output()).toContain('The server is not live.');
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
  const command = await start();
  const server = launch({ node: tree.node, cwd: tree.path, ...uid, env, command });
  await server.listening();
  expect(server.log().some(({ msg }) => msg === 'listening')).toBe(true);
});

/** What V8 names its code by. */
function cacheTag(flags: readonly string[]): string {
  const script =
    "console.log(process.getBuiltinModule('node:v8').cachedDataVersionTag().toString(16))";
  return execFileSync(tree.node, [...flags, '--eval', script], { encoding: 'utf8' }).trim();
}

/** What the image starts, without `node`. */
async function start(): Promise<readonly string[]> {
  const line = (await readDockerfile()).find((one) => one.startsWith('CMD ')) ?? '';
  return JSON.parse(line.slice(line.indexOf('['))).slice(1);
}

/** Starts the server where Linux reports another processor; returns the build that it runs. */
async function startOn(
  env: Readonly<Record<string, string>>,
  seen: (cpuinfo: string) => string,
): Promise<unknown> {
  const preload = `
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const seen = ${seen};
    const read = fs.readFileSync;
    fs.readFileSync = (path, ...rest) =>
      String(path).endsWith('/proc/cpuinfo') ? seen(read(path, ...rest)) : read(path, ...rest);
    syncBuiltinESMExports();`;
  const sql = postgres(database.url, { max: 1, fetch_types: false });
  await sql`delete from signing_keys`;
  await sql.end();
  const words = ['--import', `data:text/javascript,${encodeURIComponent(preload)}`];
  const command = [...words, ...(await start())];
  const server = launch({ node: tree.node, cwd: tree.path, ...uid, env, command });
  const line = await until(() => server.log().find((one) => 'argon2' in one), 30_000);
  server.kill('SIGKILL');
  await server.ended;
  return line['argon2'];
}

/** The words of the HEALTHCHECK's CMD. */
async function healthCheck(): Promise<readonly string[]> {
  const line = (await readDockerfile()).find((one) => one.startsWith('HEALTHCHECK')) ?? '';
  return JSON.parse(line.slice(line.indexOf('[')));
}

/** Root may write anywhere: then it is the unprivileged user's word that counts. */
async function expectReadOnly(): Promise<void> {
  if (process.getuid?.() !== 0) {
    await expect(writeFile(join(tree.path, 'dist', 'x'), '')).rejects.toThrow('EACCES');
    return;
  }
  const command = ['-e', "require('node:fs').writeFileSync('dist/x', '')"];
  const attempt = launch({ node: tree.node, cwd: tree.path, ...uid, env: {}, command });
  expect(await attempt.ended).toBe(1);
  expect(attempt.output()).toContain('EACCES');
}
