import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MIGRATIONS_FOLDER } from '../../src/db/folder.ts';
import { migrateUp } from '../../src/db/migrate.ts';
import { startPrivatePostgres } from '../db/private-postgres.ts';
import { databaseUrl, runOnServer, TEMPLATE_DATABASE } from '../support/postgres.ts';
import type { FaultRow, FaultRun, Verdict } from './row.ts';

/**
 * The faults of docs/security-bar.md, section 3, on real processes, a line each:
 *
 *     npm run faults                        all of them, at full length
 *     npm run faults -- --short             fewer rounds, shorter waits
 *     npm run faults -- --only 5,7 --bundle
 *     npm run faults -- --load 0.5          half of the load, on a machine that others use too
 */
const ROWS = join(import.meta.dirname, 'rows');

/** Where the figures go beside the lines. */
const REPORT = join(import.meta.dirname, '../../dist/faults.json');

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    short: { type: 'boolean', default: false },
    bundle: { type: 'boolean', default: false },
    load: { type: 'string' },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
const nothing = () => undefined;
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

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

/** A row that cannot be run has not passed. */
async function outcomeOf(row: FaultRow, run: FaultRun): Promise<Verdict> {
  try {
    return await row.run(run);
  } catch (error) {
    run.say(error instanceof Error ? String(error.stack) : String(error));
    return {
      passes: false,
      figure: `broke off: ${error instanceof Error ? error.message : error}`,
    };
  }
}

const share = Number(values.load ?? (values.short ? 0.25 : 1));
const rows = await rowsWanted();
const postgres = await startPrivatePostgres({ max_connections: '300' });
const results: object[] = [];
let failed = 0;
try {
  await runOnServer(postgres.url, `create database ${TEMPLATE_DATABASE}`);
  await migrateUp(databaseUrl(postgres.url, TEMPLATE_DATABASE), {
    folder: MIGRATIONS_FOLDER,
    log: silent,
  });
  const run: FaultRun = {
    short: values.short,
    bundle: values.bundle,
    share,
    postgres,
    say: (line) => process.stderr.write(`  ${line}\n`),
  };
  for (const row of rows) {
    const startedAt = performance.now();
    const { passes, figure } = await outcomeOf(row, run);
    const seconds = (performance.now() - startedAt) / 1000;
    if (!passes) failed += 1;
    const number = `F-${row.number}`.padEnd(4);
    say(`${number} ${passes ? 'pass' : 'FAIL'} ${row.name}: ${figure} [${seconds.toFixed(0)} s]`);
    results.push({ number: row.number, name: row.name, passes, figure, seconds });
  }
} finally {
  await postgres.remove();
}
await mkdir(join(REPORT, '..'), { recursive: true });
const { short, bundle } = values;
await writeFile(
  REPORT,
  `${JSON.stringify({ short, bundle, load: share, node: process.version, results }, null, 2)}\n`,
);
say(`${rows.length - failed} of ${rows.length} faults survived`);
process.exitCode = failed > 0 ? 1 : 0;
