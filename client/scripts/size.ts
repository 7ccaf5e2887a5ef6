/** Prints what each entry adds to a page: bundled, minified, compressed; its peers left out. */
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const ENTRIES = [
  'index',
  'fetch',
  'urql',
  'apollo',
  'proofs',
  'passkeys',
  'server',
  'generated/operations',
  'generated/cache',
];

for (const entry of ENTRIES) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`../src/${entry}.ts`, import.meta.url))],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    external: ['@urql/*', '@apollo/*', 'rxjs'],
  });
  const bytes = gzipSync(outputFiles[0]?.contents ?? '').length;
  console.log(`${entry.padEnd(24)}${String(bytes).padStart(6)} bytes gzip`);
}
