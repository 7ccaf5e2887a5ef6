import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorkbench, type Workbench } from '../support/type-check.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

type Entry = {
  readonly '@latchkey/source': string;
  readonly types: string;
  readonly default: string;
};

let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(() => bench.remove());

describe.each(['client', 'verify'])('the built package of %s/', (folder) => {
  const manifest = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
  const exported = Object.values<Entry | string>(manifest.exports);
  const entries = exported.filter((entry) => typeof entry !== 'string');
  const data = exported.filter((entry) => typeof entry === 'string');
  const built = (path: string) => join(bench.folder, folder, path.replace('./dist/', ''));

  test('contains what its exports promise: declarations, and modules that load', async () => {
    await promisify(execFile)(join(ROOT, 'node_modules/.bin/tsc'), [
      ...['-p', join(ROOT, folder), '--outDir', join(bench.folder, folder)],
    ]);
    for (const path of data) {
      expect(JSON.parse(readFileSync(join(ROOT, folder, path), 'utf8'))).not.toEqual({});
      expect(manifest.files).toContain(path.replace('./', ''));
    }
    for (const entry of entries) {
      expect(readFileSync(built(entry.types), 'utf8')).toMatch(/export/);
      // Apollo Client is in the client's own node_modules, which is not visible here.
      if (entry.default.includes('apollo')) continue;
      const module = await import(pathToFileURL(built(entry.default)).href);
      const source = await import(
        pathToFileURL(join(ROOT, folder, entry['@latchkey/source'])).href
      );
      expect(Object.keys(module).sort()).toEqual(Object.keys(source).sort());
      expect(Object.keys(module)).not.toEqual([]);
    }
  }, 60_000);
});

/**
 * The limit was 5 kB before the client handled storages that throw or respond late, locks that wait, and
 * document hashes.
 */
test('the client is under 5.5 kB compressed, without its generated operations', async () => {
  const contents = ['index', 'urql', 'fetch']
    .map((name) => `export * from './${name}.ts';`)
    .join('');
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: join(ROOT, 'client/src'), loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    external: ['@urql/*'],
  });
  expect(gzipSync(outputFiles[0]?.contents ?? '').length).toBeLessThan(5.5 * 1024);
});
