import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { buildBundle } from './build-bundle.ts';
import { until } from './until.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the run's bundle goes, once somebody wants it. */
    bundleFolder: string;
  }
}

const PATIENCE = 60_000;

/**
 * The folder of the server as the image has it, outside of the checkout. It starts in a fifth of
 * the processor time of its sources. Whichever worker asks first builds it for all.
 */
export async function bundle(): Promise<string> {
  const place = inject('bundleFolder');
  const folder = join(place, 'dist');
  const built = join(place, 'built');
  const isFirst = await mkdir(place).then(
    () => true,
    () => false,
  );
  if (isFirst) {
    await buildBundle(folder);
    await writeFile(built, '');
  }
  await until(() => existsSync(built), PATIENCE);
  return folder;
}
