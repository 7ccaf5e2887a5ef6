import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Clients, logs and metrics tell errors apart by the names of their classes, and a bundler gives a
 * new name to the second of two that share one (`NotFoundError2`). esbuild's keepNames would
 * restore it at run time, for every function that a request makes: a tenth of viewer's time.
 *
 * @throws when a class of that name was renamed, whosever it is: then ours gets another name
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
