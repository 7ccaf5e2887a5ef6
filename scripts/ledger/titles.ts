import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

const ROOT = new URL('../..', import.meta.url).pathname;
const FILES = 'test/**/*.{test,browser,environment}.ts';
const FAULT_ROWS = 'test/faults/rows/*.ts';

/** The first argument of a call, as far as it is a list of ids: `test('RL-6, RL-7: …`. */
const IDS_OF_TITLE =
  /\(\s*['"`]([A-Z][A-Z\d]?-\d+[a-z]?(?:(?:, | and )[A-Z][A-Z\d]?-\d+[a-z]?)*)(?=\W)/g;

/**
 * The files that test each requirement: those with a test or a group of tests whose title begins with
 * the requirement's id, and a fault's row.
 */
export function readTitles(): ReadonlyMap<string, readonly string[]> {
  const files = new Map<string, Set<string>>();
  const add = (id: string, path: string) => files.set(id, (files.get(id) ?? new Set()).add(path));
  for (const path of globSync(FILES, { cwd: ROOT }).toSorted()) {
    for (const [, ids = ''] of readFileSync(ROOT + path, 'utf8').matchAll(IDS_OF_TITLE)) {
      for (const id of ids.split(/, | and /)) add(id, path);
    }
  }
  for (const path of globSync(FAULT_ROWS, { cwd: ROOT })) {
    add(`F-${Number.parseInt(basename(path), 10)}`, path);
  }
  return new Map([...files].map(([id, paths]) => [id, [...paths]]));
}
