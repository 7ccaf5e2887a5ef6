import { expect, test } from 'vitest';
import { EXCEPTIONS, RESERVATIONS } from '../../scripts/ledger/exceptions.ts';
import { readRequirements } from '../../scripts/ledger/requirements.ts';
import { readTitles } from '../../scripts/ledger/titles.ts';

const REQUIREMENTS = readRequirements().flatMap(({ requirements }) => requirements);
const TITLES = readTitles();

test('every requirement is named by the title of a test, or is an exception with its reason', () => {
  expect(REQUIREMENTS.length).toBeGreaterThan(200);
  const uncovered = REQUIREMENTS.filter(({ id }) => !TITLES.has(id) && !EXCEPTIONS[id]);
  expect(uncovered).toEqual([]);
});

test('no exception outlives its reason, and no reservation its requirement', () => {
  const known = new Set(REQUIREMENTS.map(({ id }) => id));
  expect(Object.keys(EXCEPTIONS).filter((id) => !known.has(id) || TITLES.has(id))).toEqual([]);
  expect(Object.keys(RESERVATIONS).filter((id) => !known.has(id) || !TITLES.has(id))).toEqual([]);
});

/** Series that are no requirements: of operations (O) and of pages (P), where P-256 and P-384 are curves. */
const OTHER_SERIES: ReadonlySet<string> = new Set(['O', 'P']);

test('every id in a title is one of the requirements', () => {
  const known = new Set(REQUIREMENTS.map(({ id }) => id));
  const unknown = [...TITLES.keys()].filter(
    (id) => !known.has(id) && !OTHER_SERIES.has(id.replace(/-.*/, '')),
  );
  expect(unknown).toEqual([]);
});
