import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * Which build of argon2 runs, in words for the boot log: its speed comes from there alone. Looks
 * where node-gyp-build does, in its order.
 *
 * @param folder of the argon2 package; the one this process loads when left out
 */
export function describeBuild(folder: string = installed()): string {
  const release = join(folder, 'build', 'Release');
  if (!existsSync(join(release, 'argon2.node'))) return 'prebuilt binary';
  const march = join(release, 'march.txt');
  if (!existsSync(march)) return 'built from source';
  return `built from source for ${readFileSync(march, 'utf8').trim()}`;
}

function installed(): string {
  return dirname(createRequire(import.meta.url).resolve('argon2'));
}
