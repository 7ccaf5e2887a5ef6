import { expect, test } from 'vitest';
import { sourceFiles } from './sources.ts';

/** Members of a class stand two spaces in; deeper is an object literal inside a function. */
const IN_A_LITERAL = /^ {4,}(?:get|set) \w+\(/m;

test('no object literal has a getter: each would be a hidden class that holds its request (ADR-0024)', () => {
  const found = sourceFiles().filter(({ text }) => IN_A_LITERAL.test(text));
  expect(found.map(({ path }) => path)).toEqual([]);
});
