import { spawnSync } from 'node:child_process';
import { cp, realpath, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { assets } from './build/assets.ts';
import { refuseRenamedErrors } from './build/error-names.ts';
import { ownSourceMaps } from './build/own-source-maps.ts';

/**
 * `npm run build`: the server and the command line as a few files that need nothing beside them,
 * which is what the image runs. Starting is mostly finding and reading modules; here they are
 * found. `node scripts/build.ts <folder>` builds elsewhere than in dist/.
 */

const CHECKOUT = fileURLToPath(new URL('..', import.meta.url));
const OUT = resolve(process.argv[2] ?? join(CHECKOUT, 'dist'));

/** Machine code cannot be bundled: argon2 comes along as it is, with what it requires. */
const NATIVE = ['argon2', '@phc/format', 'node-gyp-build'];

/** Development's only. */
const LEFT_OUT = ['pino-pretty'];

/** Packages written as CommonJS ask for Node's own modules this way. */
const REQUIRE =
  "import { createRequire as $createRequire } from 'node:module'; const require = $createRequire(import.meta.url);";

/**
 * The server's door. The threads are decided before the first is used: as many as hashes may run at
 * once, and four that no hash takes, for names to be looked up and files to be read in a flood of
 * sign-ins. What comes after it is compiled from a cache; Node ignores one that another version
 * made, and goes without where it cannot write.
 */
const MAIN = `import { enableCompileCache } from 'node:module';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

const hashes = Number(process.env.HASH_CONCURRENCY) || availableParallelism();
process.env.UV_THREADPOOL_SIZE ??= String(hashes + 4);

enableCompileCache(fileURLToPath(new URL('compile-cache', import.meta.url)));
await import('./server.mjs');
`;

await rm(OUT, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: CHECKOUT,
  entryPoints: { server: 'src/main.ts', cli: 'src/cli.ts' },
  outdir: OUT,
  outExtension: { '.js': '.mjs' },
  // All files beside each other: what they find by import.meta.url then is beside them, too.
  entryNames: '[name]',
  chunkNames: '[name]-[hash]',
  bundle: true,
  // What is imported lazily stays so: GraphiQL's nine megabytes of script above all.
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  external: [...NATIVE, ...LEFT_OUT],
  sourcemap: true,
  sourcesContent: false,
  banner: { js: REQUIRE },
  plugins: [assets(), ownSourceMaps()],
  metafile: true,
  logLevel: 'warning',
});
await refuseRenamedErrors(join(CHECKOUT, 'src'), OUT);
await writeFile(join(OUT, 'main.mjs'), MAIN);
await Promise.all(NATIVE.map(copyPackage));
warmCompileCache();

for (const [file, { bytes }] of Object.entries(metafile.outputs)) {
  if (file.endsWith('.map')) continue;
  const name = relative(OUT, resolve(CHECKOUT, file));
  console.log(`${name.padEnd(40)} ${Math.ceil(bytes / 1024)} kB`);
}

/** With the binary that was built for this machine, if one was (`npm run build:argon2`). */
async function copyPackage(name: string): Promise<void> {
  const from = await realpath(join(CHECKOUT, 'node_modules', name));
  await cp(from, join(OUT, 'node_modules', name), {
    recursive: true,
    filter: (path) => !/[\\/](obj\.target|argon2[\\/](src|include))/.test(relative(from, path)),
  });
}

/** Without settings the server refuses to start, after everything was loaded and compiled. */
function warmCompileCache(): void {
  const { status, stderr } = spawnSync(process.execPath, [join(OUT, 'main.mjs')], {
    env: { NODE_ENV: 'production' },
    encoding: 'utf8',
  });
  if (status !== 78) throw new Error(`The bundle does not load:\n${stderr}`);
}
