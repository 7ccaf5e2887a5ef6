import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * Describes the build of argon2 for the boot log: the speed of hashing depends on it alone.
 *
 * @param binary the file; by default the one that this process has loaded
 */
export function describeBuild(binary: string = loaded()): string {
  if (!dirname(binary).endsWith(join('build', 'Release'))) return 'prebuilt binary';
  const march = join(dirname(binary), 'march.txt');
  if (!existsSync(march)) return 'built from source';
  return `built from source for ${readFileSync(march, 'utf8').trim()}`;
}

/** The path that was actually loaded: the build may have been chosen for the processor (ADR-0006). */
function loaded(): string {
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve('argon2'));
  require('argon2');
  const isOurs = (file: string) => file.startsWith(folder) && file.endsWith('.node');
  return Object.keys(require.cache).find(isOurs) ?? folder;
}
