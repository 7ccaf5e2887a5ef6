import { expect, test } from 'vitest';
import { ownImports, type SourceFile, sourceFiles } from './sources.ts';

const MOST_IMPORTS = 15;

/** What every operation may use without a count: values without a room, tables, configuration, ports. */
const UNCOUNTED = /^(?:kernel\/|db\/|(?:deps|config)\.ts$)/;

/** Files whose work is to bring the whole server together. */
const COMPOSITION = new Set([
  'app.ts',
  'cli.ts',
  'run-server.ts',
  'graphql-engine/schema.ts',
  'admin/schema.ts',
]);

/** A `graphql.ts` names the types of a whole room; its own limit is the number of lines. */
const isGraphql = (path: string) => /(?:^|[/-])graphql\.ts$/.test(path);

function countedImports(file: SourceFile): readonly string[] {
  return [...new Set(ownImports(file))].filter((to) => !UNCOUNTED.test(to));
}

function importsTooMuch(file: SourceFile): boolean {
  return countedImports(file).length > MOST_IMPORTS;
}

test(`an operation imports at most ${MOST_IMPORTS} modules beside kernel, db and deps`, () => {
  const large = sourceFiles()
    .filter(({ path }) => !COMPOSITION.has(path) && !isGraphql(path))
    .filter(importsTooMuch);
  expect(large.map((file) => `${file.path}: ${countedImports(file).length}`)).toEqual([]);
});

test('the rule counts each module once and leaves kernel, db and deps out', () => {
  const file = (modules: readonly string[]): SourceFile => ({
    path: 'journeys/sign-in/login.ts',
    text: modules.map((to) => `import { a } from '${to}';`).join('\n'),
    lines: modules.length,
  });
  const rooms = Array.from({ length: MOST_IMPORTS }, (_, n) => `../../room-${n}/store.ts`);
  const uncounted = ['../../kernel/id.ts', '../../db/transaction.ts', '../../deps.ts'];
  expect(importsTooMuch(file([...rooms, '../../room-0/store.ts', ...uncounted]))).toBe(false);
  expect(importsTooMuch(file([...rooms, './candidate.ts']))).toBe(true);
});
