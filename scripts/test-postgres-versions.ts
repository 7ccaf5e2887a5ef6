/**
 * Runs tests on other versions of Postgres than the one that npm ci installs:
 * `npm run test:postgres`, or `npm run test:postgres -- 15 17`.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { platformPackageName } from '../dev/postgres/binaries.ts';

const run = promisify(execFile);

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const VERSIONS: Readonly<Record<string, string>> = {
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
};

/** The tests whose code sends statements to the database; the rest is the same on every version. */
const SUITES = [
  'test/access-ledger',
  'test/audit',
  'test/cli',
  'test/db',
  'test/email-verification',
  'test/retention',
  'test/journeys',
  'test/mail',
  'test/migrations',
  'test/races',
  'test/security',
  'test/session',
  'test/rate-limit',
];

const asked = process.argv.slice(2);
const failed: string[] = [];
for (const major of asked.length > 0 ? asked : Object.keys(VERSIONS)) {
  const version = VERSIONS[major];
  if (!version) throw new Error(`Known versions are ${Object.keys(VERSIONS).join(', ')}.`);
  const folder = await mkdtemp(join(tmpdir(), `latchkey-postgres-${major}-`));
  try {
    await writeFile(join(folder, 'package.json'), '{ "private": true }');
    const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund'];
    await run('npm', [...install, `${platformPackageName()}@${version}`], { cwd: folder });
    console.log(`\nPostgres ${version}`);
    if (!(await passes(folder))) failed.push(version);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
console.log(failed.length === 0 ? '\nAll pass.' : `\nFailed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;

async function passes(folder: string): Promise<boolean> {
  const vitest = spawn('npm', ['exec', '--', 'vitest', 'run', ...SUITES], {
    cwd: ROOT,
    env: { ...process.env, EMBEDDED_POSTGRES_FROM: folder },
    stdio: 'inherit',
  });
  const [code] = await once(vitest, 'exit');
  return code === 0;
}
