import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const FOLDER = join(import.meta.dirname, '../../examples/kubernetes');

/** Runs release.sh with a kubectl whose answers about the job are scripted, one line for each question. */
async function release(states: readonly string[]) {
  const bin = mkdtempSync(join(tmpdir(), 'latchkey-kubectl-'));
  writeFileSync(join(bin, 'states'), `${states.join('\n')}\n`);
  const kubectl = `#!/bin/sh
echo "$*" >> ${bin}/calls
case "$1 $2" in 'get job') head -n 1 ${bin}/states; sed -i 1d ${bin}/states ;; esac
`;
  writeFileSync(join(bin, 'kubectl'), kubectl, { mode: 0o755 });
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}`, POLL_SECONDS: '0' };
  const ended = await promisify(execFile)(join(FOLDER, 'release.sh'), {
    env,
    timeout: 15_000,
  }).then(
    () => 0,
    (error: { readonly code: number }) => error.code,
  );
  const calls = readFileSync(join(bin, 'calls'), 'utf8').trim().split('\n');
  rmSync(bin, { recursive: true });
  return { ended, applied: calls.filter((line) => line.startsWith('apply')) };
}

test('O-17: a release waits for its migration however long it takes, and ends with one that failed', async () => {
  const prepare = 'apply -k . --selector latchkey.example.com/step=prepare';
  const slow = [...Array<string>(50).fill(''), 'SuccessCriteriaMet Complete '];
  expect(await release(slow)).toEqual({ ended: 0, applied: [prepare, 'apply -k .'] });
  // The servers are left as they are.
  const failed = ['', '', 'FailureTarget Failed '];
  expect(await release(failed)).toEqual({ ended: 1, applied: [prepare] });
});
