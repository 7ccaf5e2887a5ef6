import { expect, test } from 'vitest';
import { type SourceFile, sourceFiles } from './sources.ts';

const MOST_GRAPHQL = 250;

const isGraphql = ({ path }: SourceFile) => /(?:^|[/-])graphql\.ts$/.test(path);

test(`no graphql.ts has more than ${MOST_GRAPHQL} lines`, () => {
  const long = sourceFiles().filter((file) => isGraphql(file) && file.lines > MOST_GRAPHQL);
  expect(long.map(({ path, lines }) => `${path}: ${lines}`)).toEqual([]);
});
