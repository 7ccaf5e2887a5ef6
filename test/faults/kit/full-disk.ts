import { execFile } from 'node:child_process';
import { chown, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { runOnServer } from '../../support/postgres.ts';
import { type FaultRun, type Verdict, verdict } from '../row.ts';
import { checkLedger, describeFindings, isClean } from './check.ts';
import { openLedger, tally } from './ledger.ts';
import { signInDevices, startLoad } from './load.ts';
import { type Stage, withStage } from './stage.ts';

const execute = promisify(execFile);
const PEOPLE = 20;
const TABLESPACE = 'small';

/** The database's tables on a disk of 64 MB, which fills up under the load and is cleared again. */
export async function surviveFullDisk(run: FaultRun): Promise<Verdict> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-small-'));
  const refusal = await mount(folder);
  if (refusal !== null) {
    await rm(folder, { recursive: true });
    return { passes: true, figure: `full disk not run: ${refusal}` };
  }
  try {
    await giveToPostgres(run.postgres.url, folder);
    await runOnServer(run.postgres.url, `create tablespace ${TABLESPACE} location '${folder}'`);
    try {
      return await withStage(run, { people: PEOPLE }, (stage) => fillUp(run, stage, folder));
    } finally {
      await runOnServer(run.postgres.url, `drop tablespace ${TABLESPACE}`);
    }
  } finally {
    await execute('umount', [folder]);
    await rm(folder, { recursive: true });
  }
}

async function fillUp(run: FaultRun, stage: Stage, folder: string): Promise<Verdict> {
  const ledger = openLedger();
  const client = { balancer: stage.balancer, ledger };
  await stage.sql.unsafe(`
    alter table all in tablespace pg_default set tablespace ${TABLESPACE};
    alter index all in tablespace pg_default set tablespace ${TABLESPACE}`);
  const devices = await signInDevices(client, PEOPLE);
  stage.balancer.onTry((answer) => ledger.note(answer));
  const [server] = stage.servers;
  const load = startLoad(client, { devices, people: PEOPLE, share: run.share });
  const ballast = join(folder, 'ballast');
  await fill(ballast);
  // Pages that are there have room for a while: it is full when a client is answered so.
  const since = performance.now();
  const isReported = () => ledger.kinds.has('SERVICE_UNAVAILABLE');
  while (!isReported() && performance.now() - since < 60_000) await sleep(100);
  await sleep(run.short ? 2_000 : 10_000);
  const whileFull = tally(ledger.kinds);
  await rm(ballast);
  const recovering = performance.now();
  const aside = { balancer: stage.balancer, ledger: openLedger() };
  while ((await signInDevices(aside, 1)).length === 0 && performance.now() - recovering < 20_000) {
    await sleep(50);
  }
  const recovery = performance.now() - recovering;
  await load.stop();
  const exited = await Promise.race([server?.ended, sleep(0, null)]);
  const found = await checkLedger(ledger, stage);
  return verdict(
    `full disk: ${whileFull}; a sign-in ${recovery.toFixed(0)} ms after it was cleared; ` +
      `wrong: ${ledger.wrong.length}; ${describeFindings(found)}`,
    {
      'the full disk was reported': isReported(),
      [`only right answers and 503 (${ledger.wrong.slice(0, 3).join('; ')})`]:
        ledger.wrong.length === 0,
      'it recovers': recovery < 5_000,
      'the process stays': exited === null,
      ledger: isClean(found),
    },
  );
}

/** @returns why not, or null */
async function mount(folder: string): Promise<string | null> {
  if (process.getuid?.() !== 0) return 'mounting a small disk takes root';
  try {
    await execute('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', folder]);
    return null;
  } catch (error) {
    return `mounting a small disk was refused (${error instanceof Error ? error.message.trim() : error})`;
  }
}

async function giveToPostgres(url: string, folder: string): Promise<void> {
  const sql = postgres(url, { max: 1 });
  // Its own name for its folder is one that only it can follow.
  const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const { uid, gid } = await stat(`/proc/${row?.pid}`);
  await sql.end();
  await chown(folder, uid, gid);
}

/** To the last byte. */
async function fill(path: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const size of [1_048_576, 4_096]) {
      const piece = Buffer.alloc(size, 'x');
      while (await wasWritten(file.write(piece)));
    }
  } finally {
    await file.close();
  }
}

async function wasWritten(writing: Promise<unknown>): Promise<boolean> {
  try {
    await writing;
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false;
    throw error;
  }
}
