import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * Which build of argon2 runs, in words for the boot log: its speed comes from there alone.
 *
 * @param binary the file; the one this process has loaded when left out
 */
export function describeBuild(binary: string = loaded()): string {
  if (!dirname(binary).endsWith(join('build', 'Release'))) return 'prebuilt binary';
  const march = join(dirname(binary), 'march.txt');
  if (!existsSync(march)) return 'built from source';
  return `built from source for ${readFileSync(march, 'utf8').trim()}`;
}

/** Not where it should be, but where it is: a processor may have had its say (ADR-0006). */
function loaded(): string {
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve('argon2'));
  require('argon2');
  const isOurs = (file: string) => file.startsWith(folder) && file.endsWith('.node');
  return Object.keys(require.cache).find(isOurs) ?? folder;
}
