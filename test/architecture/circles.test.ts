import { expect, test } from 'vitest';
import { ownImports, type SourceFile, sourceFiles } from './sources.ts';

/**
 * The import circles: each is a list of files that import each other, directly or by way of the others. Imports of
 * types count. A reader who follows one must otherwise read all of them, and a value of theirs may be missing while
 * the modules are loaded.
 */
function circles(files: readonly SourceFile[]): readonly (readonly string[])[] {
  const imports = new Map(files.map((file) => [file.path, ownImports(file)]));
  const found: (readonly string[])[] = [];
  const path: string[] = [];
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();

  // Tarjan's strongly connected components.
  const visit = (file: string) => {
    const number = order.size;
    order.set(file, number);
    lowest.set(file, number);
    path.push(file);
    for (const to of imports.get(file) ?? []) {
      if (!imports.has(to)) continue;
      if (!order.has(to)) visit(to);
      if (path.includes(to)) lowest.set(file, Math.min(lowest.get(file) ?? 0, lowest.get(to) ?? 0));
    }
    if (lowest.get(file) !== number) return;
    const members = path.splice(path.indexOf(file));
    if (members.length > 1 || imports.get(file)?.includes(file)) found.push(members.sort());
  };

  for (const { path: file } of files) if (!order.has(file)) visit(file);
  return found;
}

test('no file imports itself by way of others, inside a room either', () => {
  expect(circles(sourceFiles())).toEqual([]);
});

test('the rule sees circles of two and of three files, those of types, and no other', () => {
  const file = (path: string, ...to: string[]): SourceFile => ({
    ...{ path, lines: 1 },
    text: to.map((module) => `import type { A } from './${module}';`).join('\n'),
  });
  const files = [
    file('a.ts', 'b.ts'),
    file('b.ts', 'a.ts', 'c.ts'),
    file('c.ts', 'd.ts'),
    file('d.ts', 'e.ts'),
    file('e.ts', 'c.ts', 'f.ts'),
    file('f.ts'),
  ];
  expect(circles(files)).toEqual([
    ['c.ts', 'd.ts', 'e.ts'],
    ['a.ts', 'b.ts'],
  ]);
});
