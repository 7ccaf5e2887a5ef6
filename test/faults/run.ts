import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { migrateUp } from '../../src/db/migrations/migrate.ts';
import { MIGRATIONS_FOLDER } from '../../src/db/migrations/migrations.ts';
import { type PrivatePostgres, startPrivatePostgres } from '../db/private-postgres.ts';
import { buildBundle } from '../support/build-bundle.ts';
import { databaseUrl, runOnServer, TEMPLATE_DATABASE } from '../support/postgres.ts';
import { SILENT } from '../support/silent-log.ts';
import type { FaultRow, FaultRun, Verdict } from './row.ts';

/**
 * The faults of docs/requirements.md, section 3, on real processes, a line each:
 *
 *     npm run faults                        all of them, at full length
 *     npm run faults -- --short             fewer rounds, shorter waits
 *     npm run faults -- --only 5,7 --sources
 *     npm run faults -- --load 0.5          half of the load, on a machine that others use too
 *
 * The rows run what is shipped: the bundle, built for the run in a folder of its own and started
 * as the image starts it. --sources spares the build; times and memory are then not the product's.
 *
 * At the end all lines once more, with what each took and how busy the machine was.
 */
const ROWS = join(import.meta.dirname, 'rows');

/** Where the figures go beside the lines. */
const REPORT = join(import.meta.dirname, '../../dist/faults.json');

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    short: { type: 'boolean', default: false },
    sources: { type: 'boolean', default: false },
    load: { type: 'string' },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);

async function rowsWanted(): Promise<FaultRow[]> {
  const files = (await readdir(ROWS)).filter((name) => name.endsWith('.ts'));
  const modules = await Promise.all(
    files.map((name): Promise<{ readonly row: FaultRow }> => import(join(ROWS, name))),
  );
  const only = values.only?.split(',').map(Number);
  const rows = modules.map(({ row }) => row).toSorted((a, b) => a.number - b.number);
  const unknown = only?.filter((number) => !rows.some((row) => row.number === number)) ?? [];
  if (unknown.length > 0) throw new Error(`There is no row ${unknown.join(', ')}.`);
  return rows.filter(({ number }) => !only || only.includes(number));
}

/** What one row came to, as it is reported. */
type Result = Verdict & {
  readonly number: number;
  readonly name: string;
  readonly seconds: number;
  /** The machine's load over the minute before the end. */
  readonly busy: number;
};

/** What nobody awaits fails the row that is under way, and not the whole run. */
const uncaught = new EventTarget();
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) =>
    uncaught.dispatchEvent(new CustomEvent('error', { detail: error })),
  );
}

/** How long a row that has failed may take to clear away what it started. */
const CLEARING = 60_000;

/** A row that cannot be run has not passed. */
async function outcomeOf(row: FaultRow, run: FaultRun): Promise<Verdict | { broke: string }> {
  const ended = new AbortController();
  const stray = new Promise<never>((_, reject) => {
    const fail = (event: Event) => reject(event instanceof CustomEvent ? event.detail : event);
    uncaught.addEventListener('error', fail, { signal: ended.signal });
  });
  const running = row.run(run);
  try {
    return await Promise.race([running, stray]);
  } catch (error) {
    run.say(error instanceof Error ? String(error.stack) : String(error));
    await Promise.race([running.catch(() => undefined), sleep(CLEARING)]);
    return { broke: `broke off: ${error instanceof Error ? error.message : error}` };
  } finally {
    ended.abort();
  }
}

/** A Postgres with the template that every row's database is a copy of. */
async function openPostgres(): Promise<PrivatePostgres> {
  const postgres = await startPrivatePostgres({ max_connections: '300' });
  await runOnServer(postgres.url, `create database ${TEMPLATE_DATABASE}`);
  const template = databaseUrl(postgres.url, TEMPLATE_DATABASE);
  await migrateUp(template, { folder: MIGRATIONS_FOLDER, log: SILENT });
  return postgres;
}

function line({ number, name, passes, figure, seconds, busy }: Result): string {
  const head = `F-${number}`.padEnd(4);
  return `${head} ${passes ? 'pass' : 'FAIL'} ${name}: ${figure} [${seconds.toFixed(0)} s, load ${busy.toFixed(1)}]`;
}

const { short, sources } = values;
const share = Number(values.load ?? (short ? 0.25 : 1));
const rows = await rowsWanted();
const results: Result[] = [];
const place = await mkdtemp(join(tmpdir(), 'latchkey-bundle-'));
const bundle = sources ? null : join(place, 'dist');
let postgres = await openPostgres();
try {
  if (bundle !== null) await buildBundle(bundle);
  for (const row of rows) {
    const startedAt = performance.now();
    const report = (text: string) => process.stderr.write(`  ${text}\n`);
    const outcome = await outcomeOf(row, { short, bundle, share, postgres, say: report });
    const broke = 'broke' in outcome;
    const { passes, figure } = broke ? { passes: false, figure: outcome.broke } : outcome;
    const seconds = (performance.now() - startedAt) / 1000;
    const { number, name } = row;
    const result = { number, name, passes, figure, seconds, busy: loadavg()[0] ?? 0 };
    results.push(result);
    say(line(result));
    if (!broke) continue;
    // It may have left its Postgres stopped or frozen.
    await postgres.remove();
    postgres = await openPostgres();
  }
} finally {
  await postgres.remove();
  await rm(place, { recursive: true });
}
await mkdir(join(REPORT, '..'), { recursive: true });
const report = { short, sources, load: share, node: process.version, results };
await writeFile(REPORT, `${JSON.stringify(report, null, 2)}\n`);
const failed = results.filter(({ passes }) => !passes).length;
const minutes = results.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
say(['', ...results.map(line), ''].join('\n'));
say(`${rows.length - failed} of ${rows.length} faults survived, in ${minutes.toFixed(1)} min`);
// What a broken row left running keeps nobody here.
process.exit(failed > 0 ? 1 : 0);
