/**
 * Writes the table of settings into a document, README.md unless another is named; with `--check`
 * it only compares, and fails when they differ.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { withSettingsTable } from '../src/settings/document.ts';

const isCheck = process.argv.includes('--check');
const path = process.argv.slice(2).find((argument) => !argument.startsWith('--')) ?? 'README.md';
const document = readFileSync(path, 'utf8');
const wanted = withSettingsTable(document);

if (wanted === null) {
  console.error(`${path} has no <!-- settings:start --> … <!-- settings:end -->.`);
  process.exitCode = 1;
} else if (wanted === document) {
  console.log(`${path}: the table of settings is up to date.`);
} else if (isCheck) {
  console.error(`${path}: the table of settings is out of date; run npm run settings-table.`);
  process.exitCode = 1;
} else {
  writeFileSync(path, wanted);
  console.log(`${path}: wrote the table of settings.`);
}
