import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

test('O-16: where promtool is, it accepts metrics and rules, and the rules pass their tests', () => {
  if (!hasPromtool) return;
  const { status, stdout, stderr } = spawnSync('npm', ['run', 'monitoring'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(status, `${stdout}${stderr}`).toBe(0);
  expect(`${stdout}${stderr}`).toMatch(/20 rules found[\s\S]*SUCCESS/);
}, 120_000);
