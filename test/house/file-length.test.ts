import { expect, test } from 'vitest';
import { type SourceFile, sourceFiles } from './sources.ts';

const MOST = 300;
const MOST_GRAPHQL = 250;
const MOST_OPERATION = 120;
const MEDIAN = 80;

/** Rooms whose files are operations, besides their GraphQL and their SQL. */
const OPERATIONS =
  /^(?:journeys|session|email-verification|second-factor|access-token|user|audit|throttle|housekeeping)\//;

const isGraphql = ({ path }: SourceFile) => /(?:^|[/-])graphql\.ts$/.test(path);
const isStore = ({ path }: SourceFile) => /(?:^|[/-])store\.ts$/.test(path);
const longer = (files: readonly SourceFile[], limit: number) =>
  files.filter(({ lines }) => lines > limit).map(({ path, lines }) => `${path}: ${lines}`);

const files = sourceFiles();

test(`no file has more than ${MOST} lines`, () => {
  expect(longer(files, MOST)).toEqual([]);
});

test(`no graphql.ts has more than ${MOST_GRAPHQL} lines`, () => {
  expect(longer(files.filter(isGraphql), MOST_GRAPHQL)).toEqual([]);
});

test(`no operation has more than ${MOST_OPERATION} lines`, () => {
  const operations = files.filter((file) => OPERATIONS.test(file.path));
  const limited = operations.filter((file) => !isGraphql(file) && !isStore(file));
  expect(longer(limited, MOST_OPERATION)).toEqual([]);
});

test(`the median file has fewer than ${MEDIAN} lines`, () => {
  const lengths = files.map(({ lines }) => lines).sort((a, b) => a - b);
  expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(MEDIAN);
});
