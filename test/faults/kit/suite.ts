import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');

/** What became of test files that were run as they are. */
export type SuiteRun = {
  readonly passed: number;
  readonly failed: number;
  /** The tests that failed, by name. */
  readonly failures: readonly string[];
  /** The slowest test's milliseconds. */
  readonly slowest: number;
};

/** The part of vitest's JSON report that is read here. */
type Report = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly duration?: number;
    }[];
  }[];
};

/** Runs test files in a process of their own, with more in their environment. */
export async function runSuite(
  files: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<SuiteRun> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-suite-'));
  const output = join(folder, 'report.json');
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const options = ['--reporter=json', `--outputFile=${output}`, '--maxWorkers=2'];
  try {
    const child = spawn(process.execPath, [vitest, 'run', ...options, ...files], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], ...env },
      stdio: 'ignore',
    });
    await once(child, 'exit');
    const report: Report = JSON.parse(await readFile(output, 'utf8'));
    const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      failures: tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
      slowest: Math.max(...tests.map(({ duration = 0 }) => duration)),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
