import { spawnSync } from 'node:child_process';
import { chown, cp, mkdir, readdir, realpath, rm } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { readBuildInfo } from '../src/build-info.ts';
import { assets } from './build/assets.ts';
import { builtinNames } from './build/builtin-modules.ts';
import { refuseRenamedErrors } from './build/error-names.ts';
import { IMAGE_FLAGS } from './build/image-flags.ts';
import { ownSourceMaps } from './build/own-source-maps.ts';

/**
 * `npm run build`: bundles the server and the command line into a few files that need nothing beside them. The
 * image runs these files. Without them a start spends most of its time finding and reading modules (ADR-0022).
 *
 *   node scripts/build.ts                builds in dist/
 *   node scripts/build.ts <folder>       elsewhere
 *   node scripts/build.ts --revision ID  of sources that are no git repository, as in the image
 *   node scripts/build.ts --user 65532   by root, for a server that runs as this user: Node keeps a
 *                                        compile cache for each
 */

const CHECKOUT = fileURLToPath(new URL('..', import.meta.url));
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { user: { type: 'string' }, revision: { type: 'string' } },
});
const OUT = resolve(positionals[0] ?? join(CHECKOUT, 'dist'));

/** Machine code cannot be bundled: argon2 is copied as a package, with its dependencies. */
const NATIVE = ['argon2', '@phc/format', 'node-gyp-build'];

/** For development alone. */
const LEFT_OUT = ['pino-pretty'];

/** Packages written as CommonJS ask for Node's own modules this way. */
const REQUIRE =
  "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);";

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
  define: { LATCHKEY_BUILD: JSON.stringify(buildInfo()) },
  sourcemap: true,
  sourcesContent: false,
  banner: { js: REQUIRE },
  plugins: [assets(), builtinNames(), ownSourceMaps()],
  metafile: true,
  logLevel: 'warning',
});
await refuseRenamedErrors(join(CHECKOUT, 'src'), OUT);
await build({
  absWorkingDir: CHECKOUT,
  entryPoints: { main: 'scripts/build/door.ts' },
  outdir: OUT,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  plugins: [builtinNames()],
  logLevel: 'warning',
});
await Promise.all(NATIVE.map(copyPackage));
await warmCompileCache(values.user === undefined ? null : Number(values.user));

for (const [file, { bytes }] of Object.entries(metafile.outputs)) {
  if (file.endsWith('.map')) continue;
  const name = relative(OUT, resolve(CHECKOUT, file));
  console.log(`${name.padEnd(40)} ${Math.ceil(bytes / 1024)} kB`);
}

/** A revision is empty if the builder of the image did not give one. */
function buildInfo() {
  const info = readBuildInfo(CHECKOUT);
  return values.revision ? { ...info, revision: values.revision } : info;
}

/** With the binary that was built for this machine, if one was (`npm run build:argon2`). */
async function copyPackage(name: string): Promise<void> {
  const from = await realpath(join(CHECKOUT, 'node_modules', name));
  await cp(from, join(OUT, 'node_modules', name), {
    recursive: true,
    filter: (path) => isNeeded(relative(from, path)),
  });
}

/** Leaves out argon2's sources, the remains of its compilation, and other systems' binaries. */
function isNeeded(path: string): boolean {
  const [top = '', second, third] = path.split(sep);
  if (top === 'prebuilds')
    return [undefined, `${process.platform}-${process.arch}`].includes(second);
  if (top !== 'build') return !['argon2', 'src', 'include', 'binding.gyp'].includes(top);
  if (second !== 'Release') return second === undefined;
  return [undefined, 'argon2.node', 'march.txt'].includes(third);
}

/**
 * Fills the compile cache. Without settings the server loads and compiles everything and then exits. Runs it once
 * with the image's flags, and once without flags, for the command line and for servers started without them.
 */
async function warmCompileCache(user: number | null): Promise<void> {
  const cache = join(OUT, 'compile-cache');
  await mkdir(cache);
  if (user !== null) await chown(cache, user, user);
  for (const flags of [IMAGE_FLAGS, []]) {
    const { status, stderr } = spawnSync(process.execPath, [...flags, join(OUT, 'main.mjs')], {
      env: { NODE_ENV: 'production' },
      encoding: 'utf8',
      ...(user !== null && { uid: user, gid: user }),
    });
    if (status !== 78) throw new Error(`The bundle does not load:\n${stderr}`);
  }
  // From now on that user reads the cache and does not write it.
  if (user === null) return;
  const files = await readdir(cache, { recursive: true });
  await Promise.all(
    [cache, ...files.map((file) => join(cache, file))].map((path) => chown(path, 0, 0)),
  );
}
