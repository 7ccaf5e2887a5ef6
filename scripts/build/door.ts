import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { runsX8664v3 } from './processor.ts';

// The server's entry point, dist/main.mjs. Everything here has to happen before the first module of the
// server is loaded.

// As many threads as hashes may run at once, and four more, so that names are looked up and files are read
// even in a flood of sign-ins.
const hashes = Number(process.env['HASH_CONCURRENCY']) || availableParallelism();
process.env['UV_THREADPOOL_SIZE'] ??= String(hashes + 4);

// node-gyp-build reads it: the binary that argon2's package brings runs on any processor.
if (textOf('march.txt')?.trim() === 'x86-64-v3' && !runsX8664v3(textOf('/proc/cpuinfo') ?? '')) {
  process.env['PREBUILDS_ONLY'] = '1';
}

// Node ignores a cache that another version made, and works without one if it cannot write.
enableCompileCache(fileURLToPath(new URL('compile-cache', import.meta.url)));
await import(new URL('server.mjs', import.meta.url).href);

/** Reads a file beside argon2's build, or by its full path. Null if it cannot be read. */
function textOf(file: string): string | null {
  const release = new URL('node_modules/argon2/build/Release/', import.meta.url);
  try {
    return readFileSync(new URL(file, release), 'utf8');
  } catch {
    return null;
  }
}
