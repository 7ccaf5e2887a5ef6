import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { expect, onTestFinished, test, vi } from 'vitest';
import { letHashesYield } from '../../src/hash-queue/yield.ts';
import type { Log } from '../../src/kernel/ports.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import { launch } from './server-process.ts';
import { productionEnv } from './spawn.ts';

vi.setConfig({ testTimeout: 60_000 });

/** The niceness of each of a process's threads, by the thread's name (proc_pid_stat(5), field 19). */
function threadsOf(pid: number): readonly { readonly name: string; readonly niceness: number }[] {
  const folder = `/proc/${pid}/task`;
  return readdirSync(folder).map((thread) => {
    const stat = readFileSync(`${folder}/${thread}/stat`, 'utf8');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { name, niceness: Number(fields[16]) };
  });
}

test.runIf(process.platform === 'linux')(
  'ADR-0007: every thread that hashes yields, and no other does',
  async () => {
    const database = await createTestDatabase();
    onTestFinished(() => database.drop());
    const env = await productionEnv({ databaseUrl: database.url, smtpUrl: 'smtp://127.0.0.1:9' });
    const server = launch({ env: { ...env, UV_THREADPOOL_SIZE: '6', HASH_CONCURRENCY: '1' } });
    await until(() => server.output().includes('hash threads deprioritized'), 30_000);
    const threads = threadsOf(server.pid);
    const pool = threads.filter(({ name }) => name === 'libuv-worker');
    const own = getPriority();
    expect(pool.map(({ niceness }) => niceness - own)).toEqual([5, 5, 5, 5, 5, 5]);
    const others = threads.filter(({ name }) => name !== 'libuv-worker');
    expect(others.length).toBeGreaterThan(0);
    expect(others.filter(({ niceness }) => niceness !== own)).toEqual([]);
    // The boot's own hash is beside the first requests, and yields to them as any other (ADR-0007).
    await until(() => server.output().includes('password hash cost measured'), 30_000);
    const said = server.log().map(({ msg }) => msg);
    expect(said.indexOf('hash threads deprioritized')).toBeLessThan(
      said.indexOf('password hash cost measured'),
    );
  },
);

test('ADR-0007: where the system does not list threads, that is said and nothing else happens', () => {
  const lines: unknown[] = [];
  const note = (fields: object, message: string) => void lines.push({ ...fields, message });
  const log: Log = { debug: note, info: note, warn: note, error: note };
  letHashesYield(log, '/no/such/folder');
  expect(lines).toEqual([{ reason: 'ENOENT', message: 'hash threads not deprioritized' }]);
});
