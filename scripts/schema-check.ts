/**
 * Compares the schema with the one of the last release, docs/released/schema.graphql, and fails on
 * a breaking change that CHANGELOG.md does not announce: a line below "## Unreleased" such as
 *
 *     - **Breaking** `User.name`: is now …
 *
 * With `--release` the schema becomes the released one.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { printApi } from '../src/graphql-engine/print-schema.ts';
import { type Difference, schemaDrift } from './sdl/promise.ts';

const RELEASED = 'docs/released/schema.graphql';
const CHANGELOG = 'CHANGELOG.md';

const current = printApi();
if (process.argv.includes('--release')) {
  mkdirSync(dirname(RELEASED), { recursive: true });
  writeFileSync(RELEASED, current);
  console.log(`Wrote ${RELEASED}.`);
} else if (!existsSync(RELEASED)) {
  console.log('No schema was released yet: nothing is promised.');
} else {
  const changelog = existsSync(CHANGELOG) ? readFileSync(CHANGELOG, 'utf8') : '';
  const drift = await schemaDrift(readFileSync(RELEASED, 'utf8'), current, changelog);
  list('Dangerous, look twice', drift.dangerous);
  list('Breaking', drift.breaking);
  if (drift.unannounced.length > 0) {
    list(`Breaking, and not announced in ${CHANGELOG}`, drift.unannounced);
    process.exitCode = 1;
  } else {
    console.log(`The schema keeps what ${RELEASED} promised, or says so.`);
  }
}

function list(title: string, differences: readonly Difference[]): void {
  if (differences.length === 0) return;
  console.log(`${title}:`);
  for (const { path, message } of differences) console.log(`  \`${path}\`: ${message}`);
}
