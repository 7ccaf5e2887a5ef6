import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Clients, logs and metrics distinguish errors by class name, and a bundler renames the second of two classes that
 * share a name (`NotFoundError2`). esbuild's keepNames would restore the name at run time, for every function that
 * a request makes: a tenth of viewer's time.
 *
 * @throws if any class of that name was renamed; then our class needs another name
 */
export async function refuseRenamedErrors(sources: string, bundle: string): Promise<void> {
  const ours = [...(await textOf(sources, '**/*.ts')).matchAll(/\bclass (\w+Error)\b/g)];
  const names = new Set(ours.map(([, name]) => name));
  const renamed = (await textOf(bundle, '*.mjs')).matchAll(/\b(?:var|class) (\w+Error)\d+\b/g);
  for (const [, name] of renamed) {
    if (names.has(name)) throw new Error(`There are two classes ${name}: rename ours.`);
  }
}

async function textOf(folder: string, pattern: string): Promise<string> {
  const files = await Array.fromAsync(glob(pattern, { cwd: folder }));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return texts.join('\n');
}
