import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const CHECKOUT = join(import.meta.dirname, '../..');

test('CF-13: npm start says in one sentence what to do on a Node.js that reads no TypeScript', () => {
  const older = "Object.defineProperty(process, 'versions', { value: { node: '20.20.2' } })";
  const preloaded = `data:text/javascript,${encodeURIComponent(older)}`;
  const args = ['--import', preloaded, join(CHECKOUT, 'dev/start.mjs')];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).toContain('Node.js 24 or later, and this is 20.20.2');
  expect(stderr).toContain('npm rebuild node --ignore-scripts=false');
});

test('CF-13: the oldest Node.js is the same one everywhere', () => {
  const { engines, scripts } = JSON.parse(readFileSync(join(CHECKOUT, 'package.json'), 'utf8'));
  expect(engines.node).toBe('>=24');
  expect(scripts.start).toBe('exec node dev/start.mjs');
  expect(readFileSync(join(CHECKOUT, 'dev/start.mjs'), 'utf8')).toContain('const OLDEST = 24;');
});
