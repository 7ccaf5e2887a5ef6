import { cp, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Plugin } from 'esbuild';

const ASSET = /new URL\('(\.[^']+)', import\.meta\.url\)/g;

/**
 * Copies the files and folders that our modules find by `new URL('./…', import.meta.url)` beside the bundle, and
 * rewrites the URLs in the bundle. The sources need not know where they will be.
 */
export function assets(): Plugin {
  return {
    name: 'assets',
    setup({ initialOptions, onLoad }) {
      const out = resolve(initialOptions.absWorkingDir ?? '.', initialOptions.outdir ?? '');
      const source = resolve(initialOptions.absWorkingDir ?? '.', 'src');
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (!path.startsWith(source)) return null;
        const text = await readFile(path, 'utf8');
        const found = [...text.matchAll(ASSET)].map(([, target = '']) => target);
        await Promise.all(
          found.map((target) => {
            const from = join(dirname(path), target);
            return cp(from, join(out, basename(from)), { recursive: true });
          }),
        );
        const contents = text.replaceAll(
          ASSET,
          (_, target: string) => `new URL('./${basename(target)}', import.meta.url)`,
        );
        return { contents, loader: 'ts' };
      });
    },
  };
}
