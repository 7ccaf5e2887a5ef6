import { expect, test } from 'vitest';
import { type SourceFile, sourceFiles } from './sources.ts';

const MOST_GRAPHQL = 250;
const SHORT = 15;
const MOST_SHORT = 12;

const isGraphql = ({ path }: SourceFile) => /(?:^|[/-])graphql\.ts$/.test(path);

test(`no graphql.ts has more than ${MOST_GRAPHQL} lines`, () => {
  const long = sourceFiles().filter((file) => isGraphql(file) && file.lines > MOST_GRAPHQL);
  expect(long.map(({ path, lines }) => `${path}: ${lines}`)).toEqual([]);
});

test(`at most ${MOST_SHORT} files have under ${SHORT} lines: a story is one file`, () => {
  const short = sourceFiles().filter(({ lines }) => lines < SHORT);
  const listed = short.map(({ path, lines }) => `${path}: ${lines}`);
  expect(listed.length, listed.join(', ')).toBeLessThanOrEqual(MOST_SHORT);
});
