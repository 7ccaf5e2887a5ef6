import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './sources.ts';

/** The ways to a process or a Postgres of a test's own. */
const OUT_OF_PROCESS =
  /['"]node:child_process['"]|private-postgres\.ts|startEmbeddedPostgres|support\/(?:bundle|build-bundle|type-check|pgbouncer)\.ts/;

/** Fast tests that ask a program for a fact and do not test it. */
const ASKING: Readonly<Record<string, string>> = {
  'test/docs/decisions.test.ts': 'git lists the tracked files',
  'test/docs/links.test.ts': 'git lists the tracked files',
  'test/observability/instruments.test.ts': 'promtool, where it is installed, reads the metrics',
};

/** This file names the ways without using them. */
const SELF = 'test/architecture/tiers.test.ts';

const isOutOfProcess = (text: string) => OUT_OF_PROCESS.test(text);

test('a test outside of *.slow.test.ts starts no process and no Postgres of its own', () => {
  const fast = globSync('test/**/*.test.ts', { cwd: ROOT, exclude: ['**/*.slow.test.ts'] });
  expect(fast.length).toBeGreaterThan(150);
  const leaving = fast.filter((path) => isOutOfProcess(readFileSync(join(ROOT, path), 'utf8')));
  expect(leaving.toSorted()).toEqual([...Object.keys(ASKING), SELF].toSorted());
});

test('the rule sees a process, a private Postgres and a build', () => {
  const leaving = [
    "import { spawn } from 'node:child_process';",
    "import { startPrivatePostgres } from './private-postgres.ts';",
    "import { bundle } from '../support/bundle.ts';",
  ];
  expect(leaving.filter(isOutOfProcess)).toEqual(leaving);
});
