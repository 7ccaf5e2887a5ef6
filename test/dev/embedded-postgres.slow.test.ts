import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../dev/embedded-postgres.ts';
import { inspectProcess, waitUntilGone } from '../../dev/postgres/processes.ts';

const MODULE = new URL('../../dev/embedded-postgres.ts', import.meta.url).href;
const SETTINGS = { fsync: 'off' };

let folder: string;
let dataDir: string;
let log: string[];
let running: EmbeddedPostgres[];
let launchers: ChildProcess[];

// One data folder for all: making it takes most of a first start's time.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-embedded-'));
  dataDir = join(folder, 'private', 'postgres');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

beforeEach(() => {
  log = [];
  running = [];
  launchers = [];
});

afterEach(async () => {
  for (const server of running) await server.stop();
  for (const launcher of launchers) {
    launcher.kill('SIGKILL');
    const pid = await postmasterPid().catch(() => undefined);
    if (pid !== undefined) await waitUntilGone(pid, 5_000);
  }
});

async function start(port?: number): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({
    dataDir,
    settings: SETTINGS,
    log: (line) => log.push(line),
    ...(port === undefined ? {} : { port }),
  });
  running.push(server);
  return server;
}

/** Another process that starts the database on the same folder, and then only lives. */
async function startInAnotherProcess(): Promise<ChildProcess> {
  const options = `{dataDir: ${JSON.stringify(dataDir)}, settings: {fsync: 'off'}, log() {}}`;
  const launcher = spawn(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `import { startEmbeddedPostgres } from ${JSON.stringify(MODULE)};
       await startEmbeddedPostgres(${options});
       console.log('ready');`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  launchers.push(launcher);
  await once(createInterface({ input: launcher.stdout }), 'line');
  return launcher;
}

async function kill(launcher: ChildProcess): Promise<void> {
  const exit = once(launcher, 'exit');
  launcher.kill('SIGKILL');
  await exit;
}

async function postmasterPid(): Promise<number> {
  return Number.parseInt(await readFile(join(dataDir, 'postmaster.pid'), 'utf8'), 10);
}

async function query(url: string, statement: string): Promise<unknown[]> {
  const sql = postgres(url, { max: 1, fetch_types: false });
  try {
    return [...(await sql.unsafe(statement))];
  } finally {
    await sql.end();
  }
}

test('a second start keeps the data, and takes another port when the wished one is taken', async () => {
  const first = await start();
  await query(first.url, 'create table kept (n int); insert into kept values (42)');
  expect(await query(first.url, "select upper('é') as u, current_setting('fsync') as f")).toEqual([
    { u: 'É', f: 'off' },
  ]);
  await first.stop();

  const squatter = createServer().listen({ host: '127.0.0.1', port: first.port });
  await once(squatter, 'listening');
  try {
    const second = await start(first.port);
    expect(second.port).not.toBe(first.port);
    expect(await query(second.url, 'select n from kept')).toEqual([{ n: 42 }]);
    const wrong = second.url.replace(/:[^:@/]+@/, ':wrong@');
    await expect(query(wrong, 'select 1')).rejects.toThrow('password authentication failed');
  } finally {
    squatter.close();
  }
});

test('data that is in use is refused, and the one who uses it is not disturbed', async () => {
  const first = await start();
  await expect(start()).rejects.toThrow(`is in use by the launcher in process ${process.pid}`);
  expect(await query(first.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a launcher killed outright leaves no Postgres behind, and the next start recovers', async () => {
  const launcher = await startInAnotherProcess();
  const pid = await postmasterPid();
  expect(await inspectProcess(pid)).toBeDefined();
  await kill(launcher);
  expect(await waitUntilGone(pid, 5_000)).toBe(true);
  const next = await start();
  expect(await query(next.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a Postgres whose supervisor was killed as well is stopped by the next start', async () => {
  const launcher = await startInAnotherProcess();
  const pid = await postmasterPid();
  const supervisor = (await inspectProcess(pid))?.parent ?? 0;
  process.kill(supervisor, 'SIGKILL');
  await waitUntilGone(supervisor, 5_000);
  await kill(launcher);
  expect(await inspectProcess(pid)).toBeDefined();
  const next = await start();
  expect(log.join('\n')).toContain(`stopping the Postgres (process ${pid})`);
  expect(await inspectProcess(pid)).toBeUndefined();
  expect(await query(next.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a lock file whose process number belongs to another program by now is no obstacle', async () => {
  await (await start()).stop();
  const lock = join(dataDir, 'postmaster.pid');
  const lines = [process.pid, dataDir, 1_700_000_000, 5433, '', '127.0.0.1', '', 'ready'];
  await writeFile(lock, `${lines.join('\n')}\n`, { mode: 0o644 });
  const next = await start();
  expect(log.join('\n')).toContain('postmaster.pid is from a run that was killed');
  expect(await query(next.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});
