/**
 * Writes the table of settings into docs/operating/settings.md and the table of rate limits into
 * docs/rate-limits.md. With `--check` it only compares, and fails if they differ. A document named on the
 * command line takes the place of docs/operating/settings.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { withSettingsTable } from '../src/settings/document.ts';
import { withLimitsTable } from '../src/settings/limits-document.ts';

const isCheck = process.argv.includes('--check');
const named = process.argv.slice(2).find((argument) => !argument.startsWith('--'));

const TABLES = [
  {
    path: named ?? 'docs/operating/settings.md',
    marks: '<!-- settings:start --> … <!-- settings:end -->',
    put: withSettingsTable,
  },
  {
    path: 'docs/rate-limits.md',
    marks: '<!-- limits:start --> … <!-- limits:end -->',
    put: withLimitsTable,
  },
] as const;

for (const { path, marks, put } of TABLES) {
  const document = readFileSync(path, 'utf8');
  const wanted = put(document);
  if (wanted === null) {
    console.error(`${path} has no ${marks}.`);
    process.exitCode = 1;
  } else if (wanted === document) {
    console.log(`${path}: the table is up to date.`);
  } else if (isCheck) {
    console.error(`${path}: the table is out of date; run npm run settings-table.`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, wanted);
    console.log(`${path}: wrote the table.`);
  }
}
