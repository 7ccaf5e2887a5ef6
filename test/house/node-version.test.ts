import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const ROOT = new URL('../../', import.meta.url);

const read = (path: string) => readFile(new URL(path, ROOT), 'utf8');

test('the README, `engines` and the runtime that the scripts use name the same versions of Node', async () => {
  const { engines, devDependencies } = JSON.parse(await read('package.json'));
  const readme = await read('README.md');
  const oldest = /^>=(\d+)$/.exec(engines.node)?.[1];
  const bundled = /^(\d+)\./.exec(devDependencies.node)?.[1];
  expect(readme).toContain(`Node ${oldest} or later`);
  expect(readme).toContain(`the Node ${bundled} that npm installs`);
  const { stdout } = await promisify(execFile)('npm', ['exec', '--', 'node', '--version'], {
    cwd: ROOT,
  });
  expect(stdout).toBe(`v${devDependencies.node}\n`);
});

test('npm ci prints no wall of warnings: packages ask for the Node that the scripts bring', async () => {
  expect(await read('.npmrc')).toMatch(/^loglevel=error$/m);
});
