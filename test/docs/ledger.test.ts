import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** What the server does not offer yet has requirements and no tests. */
const NOT_OFFERED = /^PK-/;

/** The ids in the first cells of a document's tables. */
function idsOf(file: string): readonly string[] {
  return [...readFileSync(file, 'utf8').matchAll(/^\| ([^|]+) \|/gm)]
    .flatMap(([, cell = '']) => cell.split(', '))
    .filter((id) => /^[A-Z]{2}-\d+[a-z]?$/.test(id));
}

test('docs/security-bar.md says of every requirement where it stands, and of nothing else', () => {
  const required = idsOf('docs/requirements.md').filter((id) => !NOT_OFFERED.test(id));
  expect(required.length).toBeGreaterThan(200);
  expect(idsOf('docs/security-bar.md').toSorted()).toEqual(required.toSorted());
});
