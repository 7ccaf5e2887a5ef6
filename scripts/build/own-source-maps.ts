import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/**
 * Keeps packages out of the source maps. A stack trace has to lead to our lines, and the whole map is read for it;
 * with the packages that takes 200 ms of processor time and 43 MiB more.
 *
 * esbuild has no option for that, but it trusts a file's own map: each file of a package is given a map of nothing
 * but its end.
 */
export function ownSourceMaps(): Plugin {
  return {
    name: 'own-source-maps',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        const mappings = `${';'.repeat(text.split('\n').length)}AAAA`;
        const map = JSON.stringify({ version: 3, sources: ['package'], mappings });
        const url = `data:application/json;base64,${Buffer.from(map).toString('base64')}`;
        return { contents: `${text}\n//# sourceMappingURL=${url}`, loader: 'js' };
      });
    },
  };
}
