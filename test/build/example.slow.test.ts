import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EXAMPLE = join(ROOT, 'examples/react');
const run = promisify(execFile);

type Manifest = {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};

/**
 * The example as whoever copies it has it: outside of the repository, with the packed client and components. Its other
 * dependencies are linked from this checkout and not installed, so that the test needs no registry; only
 * what package.json names is linked, so that what is missing there is missing here.
 */
let folder: string;
let app: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-copy-'));
  app = join(folder, 'app');
  await cp(EXAMPLE, app, {
    recursive: true,
    filter: (path) => !/\/(?:node_modules|dist)$/.test(path),
  });
  const manifest: Manifest = JSON.parse(await readFile(join(app, 'package.json'), 'utf8'));
  const names = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  for (const name of names.filter((one) => !one.startsWith('@latchkey/'))) {
    const link = join(app, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(await folderOf(name), link, 'dir');
  }
  for (const name of ['client', 'react']) {
    await run('npm', ['pack', '--workspace', name, '--pack-destination', folder], { cwd: ROOT });
    const place = join(app, 'node_modules/@latchkey', name);
    await mkdir(place, { recursive: true });
    const tarball = (await readdir(folder)).find((one) => one.startsWith(`latchkey-${name}-`));
    await run('tar', ['-xzf', join(folder, tarball ?? ''), '-C', place, '--strip-components=1']);
  }
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Where this checkout has a package, as the example finds it. */
async function folderOf(name: string): Promise<string> {
  const places = createRequire(join(EXAMPLE, 'package.json')).resolve.paths(name) ?? [];
  for (const place of places) {
    const found = join(place, name);
    if (await readdir(found).catch(() => null)) return found;
  }
  throw new Error(`${name} is not installed.`);
}

test('P-10: the example that is copied out of the repository compiles and builds', async () => {
  await run(join(ROOT, 'node_modules/.bin/tsc'), [], { cwd: app });
  await run(join(ROOT, 'node_modules/.bin/vite'), ['build'], { cwd: app });
  expect(await readdir(join(app, 'dist'))).toContain('index.html');
  const assets = await readdir(join(app, 'dist/assets'));
  expect(assets.some((name) => name.endsWith('.css'))).toBe(true);
}, 60_000);
