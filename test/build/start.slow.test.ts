import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../dev/postgres/port.ts';
import { bundle } from '../support/bundle.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { until } from '../support/until.ts';

/** What a start to the first answer does without (ADR-0022): each cost milliseconds, or megabytes. */

/** Node's own, by a part of the name: fetch, streams of the web, compression, HTTP/2. */
const NODES_OWN = /undici|webstreams|zlib|http2/;

/** The languages zod could complain in, by the comment that esbuild puts before each file. */
const LANGUAGES = /^\/\/ node_modules\/zod\/.*\/locales\/(.+)\.js$/gm;

/** Reports on request which of Node's modules were loaded, and how many date formats were made. */
const WITNESS = `
  let formats = 0;
  Intl.DateTimeFormat = new Proxy(Intl.DateTimeFormat, {
    construct: (target, args) => { formats += 1; return new target(...args); },
  });
  process.on('message', () => process.send({ modules: process.moduleLoadList, formats }));
`;

let folder: string;
let database: TestDatabase;

beforeAll(async () => {
  folder = await bundle();
  database = await createTestDatabase();
}, 60_000);

afterAll(async () => {
  await database.drop();
});

test('loads no module of Node’s and makes no date format that the first answer does not need', async () => {
  const port = String(await freePort(0));
  const server = spawn(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(WITNESS)}`, join(folder, 'main.mjs')],
    {
      env: {
        NODE_ENV: 'production',
        PORT: port,
        PUBLIC_URL: `http://127.0.0.1:${port}`,
        DATABASE_URL: database.url,
        SECRET_KEYS: randomBytes(32).toString('base64'),
        SMTP_URL: 'smtp://127.0.0.1:9',
        MAIL_FROM: 'auth@example.com',
      },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    },
  );
  try {
    const answer = await until(() => viewer(port));
    expect(answer).toEqual({ data: { viewer: null } });
    const report = await ask(server);
    expect(report.modules.filter((name) => NODES_OWN.test(name))).toEqual([]);
    expect(report.formats).toBe(0);
  } finally {
    server.kill('SIGKILL');
    await once(server, 'exit');
  }
}, 30_000);

test('carries one of zod’s fifty languages', async () => {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.mjs'));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  const found = texts.flatMap((text) => Array.from(text.matchAll(LANGUAGES), ([, tag]) => tag));
  expect(new Set(found)).toEqual(new Set(['en']));
});

async function viewer(port: string): Promise<unknown> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ viewer { user { id } } }"}',
    });
    return await answer.json();
  } catch {
    return undefined;
  }
}

async function ask(
  server: ChildProcess,
): Promise<{ readonly modules: readonly string[]; readonly formats: number }> {
  server.send('report');
  const [report] = await once(server, 'message');
  return report;
}
