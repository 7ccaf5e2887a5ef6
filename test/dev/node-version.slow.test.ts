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

test('CF-13: the README, `engines` and the runtime that the scripts use name the same versions', () => {
  const read = (path: string) => readFileSync(join(CHECKOUT, path), 'utf8');
  const { engines, devDependencies, scripts } = JSON.parse(read('package.json'));
  const oldest = /^>=(\d+)$/.exec(engines.node)?.[1];
  const own = /^(\d+)\./.exec(devDependencies.node)?.[1];
  expect(read('README.md')).toContain(`Node ${oldest} or later`);
  expect(read('README.md')).toContain(`installs the Node ${own} that`);
  expect(
    spawnSync('npm', ['exec', '--', 'node', '--version'], { cwd: CHECKOUT }).stdout.toString(),
  ).toBe(`v${devDependencies.node}\n`);
  // Whoever starts without npm, or without its scripts, has their own runtime.
  expect(scripts.start).toBe('exec node dev/start.mjs');
  expect(read('dev/start.mjs')).toContain('const OLDEST = 24;');
});

test('CF-13: npm ci prints no wall of warnings: packages ask for the Node that the scripts bring', () => {
  expect(readFileSync(join(CHECKOUT, '.npmrc'), 'utf8')).toMatch(/^loglevel=error$/m);
});
