import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/**
 * `npm run build:argon2`: compiles argon2's package for this machine's vector instructions, which at least halves
 * the cost of a verification. The hashes are the same (the command checks RFC 9106's own example), so a database
 * works with every build. The binary belongs to this kind of machine.
 *
 *   npm run build:argon2                      for this processor
 *   npm run build:argon2 -- x86-64-v3         for every processor with AVX2 (all servers since 2015)
 *   npm run build:argon2 -- image             the same on x86-64, and for every arm64 processor; fails
 *                                             without a compiler
 *   npm run build:argon2 -- native <folder>   a copy of the package elsewhere
 *
 * Without a compiler the command says so and leaves the package unchanged: the prebuilt binary works.
 */

const { positionals } = parseArgs({ allowPositionals: true });
const [wanted = 'native', folder] = positionals;
const march = wanted === 'image' ? { x64: 'x86-64-v3' }[process.arch as string] : wanted;
const require = createRequire(import.meta.url);
const target = realpathSync(folder ? resolve(folder) : dirname(require.resolve('argon2')));

/** RFC 9106, 5.3. */
const CHECK = `
  const { argon2id, hash } = require('./argon2.cjs');
  const options = {
    raw: true, type: argon2id, memoryCost: 32, timeCost: 3, parallelism: 4, hashLength: 32,
    salt: Buffer.alloc(16, 2), secret: Buffer.alloc(8, 3), associatedData: Buffer.alloc(12, 4),
  };
  hash(Buffer.alloc(32, 1), options).then((tag) => {
    const wanted = '0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659';
    if (tag.toString('hex') !== wanted) throw new Error('The compiled argon2 computes wrong.');
  });
`;

const missing = ['cc', 'c++', 'make', 'python3'].filter((tool) => !runs(tool));
if (missing.length > 0 && wanted === 'image') {
  throw new Error(`argon2 cannot be compiled: ${missing.join(', ')} not found.`);
} else if (missing.length > 0) {
  console.warn(
    `argon2 was not compiled: ${missing.join(', ')} not found. The binary it comes with is used; ` +
      'it works, and takes two to three times as long for each password.',
  );
} else {
  build();
}

/** Compiles in a folder of its own: the binary in use is replaced only by one that was verified. */
function build(): void {
  const work = mkdtempSync(join(tmpdir(), 'latchkey-argon2-'));
  try {
    cpSync(target, work, { recursive: true, filter: (path) => path !== join(target, 'build') });
    for (const name of ['node-addon-api', 'node-gyp-build', '@phc/format']) {
      const from = createRequire(join(target, 'package.json')).resolve(`${name}/package.json`);
      cpSync(dirname(from), join(work, 'node_modules', name), { recursive: true });
    }
    const flags = march === undefined ? '-O3' : `-O3 -march=${march}`;
    const options = { cwd: work, stdio: 'pipe', encoding: 'utf8' } as const;
    const compiled = spawnSync(process.execPath, [nodeGyp(), 'rebuild', ...headers()], {
      ...options,
      env: { ...process.env, CFLAGS: flags, CXXFLAGS: flags },
    });
    if (compiled.status !== 0) throw new Error(`The compiler failed.\n${compiled.stderr}`);
    execFileSync(process.execPath, ['--eval', CHECK], options);
    install(join(work, 'build', 'Release', 'argon2.node'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Installs the binary where node-gyp-build looks first, and beside it the text that the server logs at its start. */
function install(binary: string): void {
  const release = join(target, 'build', 'Release');
  mkdirSync(release, { recursive: true });
  // A running server keeps the file it has open; writing into that would crash it.
  cpSync(binary, join(release, 'argon2.node.new'));
  renameSync(join(release, 'argon2.node.new'), join(release, 'argon2.node'));
  writeFileSync(join(release, 'march.txt'), `${march ?? process.arch}\n`);
  console.log(`argon2 was compiled for ${march ?? process.arch}: ${join(release, 'argon2.node')}`);
}

/** npm contains node-gyp, and passes its path to scripts. */
function nodeGyp(): string {
  return process.env['npm_config_node_gyp'] ?? require.resolve('node-gyp/bin/node-gyp.js');
}

/**
 * Node's headers, if they are installed with it (in its images and archives) or configured; otherwise node-gyp
 * downloads them. The interface is stable: headers of another version suffice.
 */
function headers(): readonly string[] {
  const beside = resolve(dirname(process.execPath), '..');
  if (process.env['npm_config_nodedir']) return [];
  return existsSync(join(beside, 'include', 'node', 'node_api.h')) ? [`--nodedir=${beside}`] : [];
}

function runs(tool: string): boolean {
  return spawnSync(tool, ['--version'], { stdio: 'ignore' }).status === 0;
}
