import { existsSync, readFileSync } from 'node:fs';
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
const BUILT = 'built';

/**
 * The folder of the server as the image has it, outside of the checkout. It starts in a fifth of
 * the processor time of its sources. Whichever worker asks first builds it for all.
 *
 * @throws in every worker when it cannot be built
 */
export async function bundle(): Promise<string> {
  const place = inject('bundleFolder');
  const folder = join(place, 'dist');
  const outcome = join(place, 'outcome');
  if (await isFirst(place)) {
    const failure = (error: Error) => error.message;
    await writeFile(outcome, await buildBundle(folder).then(() => BUILT, failure));
  }
  const report = await until(() => existsSync(outcome) && readFileSync(outcome, 'utf8'), PATIENCE);
  if (report !== BUILT) throw new Error(report);
  return folder;
}

async function isFirst(place: string): Promise<boolean> {
  try {
    await mkdir(place);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
