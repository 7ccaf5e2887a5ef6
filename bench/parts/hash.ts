import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, realpath, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { stepAside } from '../lib/machine.ts';
import { median } from '../lib/statistics.ts';
import { runWorker } from '../lib/worker.ts';

/**
 * Measures one argon2id verification with each implementation and build, on one core, at
 * m=19456 t=2 p=1. `node bench/parts/hash.ts [--rounds 5]`, after `npm ci` in bench/peers
 */

const FLOOR = fileURLToPath(new URL('../floors/hash.ts', import.meta.url));
const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(import.meta.url);

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
stepAside();
const scratch = await mkdtemp(join(tmpdir(), 'latchkey-hash-'));

/** A copy of the package, so that no build touches the installed one. */
async function copyOfArgon2(march: string | null): Promise<string> {
  const from = dirname(await realpath(require.resolve('argon2')));
  const modules = join(scratch, march ?? 'prebuilt', 'node_modules');
  const to = join(modules, 'argon2');
  await cp(from, to, { recursive: true, filter: (path) => path !== join(from, 'build') });
  for (const name of ['@phc/format', 'node-gyp-build', 'node-addon-api']) {
    const at = dirname(createRequire(join(from, 'argon2.cjs')).resolve(`${name}/package.json`));
    await cp(at, join(modules, name), { recursive: true });
  }
  const build = ['run', 'build:argon2', '--', march ?? '', to];
  if (march) execFileSync('npm', build, { cwd: CHECKOUT, stdio: 'ignore' });
  return to;
}

try {
  const x64 = process.arch === 'x64';
  const contenders = {
    'argon2, prebuilt binary': await copyOfArgon2(null),
    ...(x64 && { 'argon2, built for x86-64-v3': await copyOfArgon2('x86-64-v3') }),
    'argon2, built for this machine': await copyOfArgon2('native'),
    '@node-rs/argon2': '@node-rs/argon2',
    'node:crypto': 'node:crypto',
  };
  const cost = new Map<string, number[]>();
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const [name, implementation] of Object.entries(contenders)) {
      const { cpuMs, latencies } = await runWorker(FLOOR, [implementation, '1', '1']);
      cost.set(name, [...(cost.get(name) ?? []), cpuMs / latencies.length]);
    }
  }
  for (const [name, each] of cost) {
    const [middle, least, most] = [median(each), Math.min(...each), Math.max(...each)];
    console.log(
      `${name}: ${middle.toFixed(1)} ms CPU (${least.toFixed(1)} to ${most.toFixed(1)}), ` +
        `${(1000 / middle).toFixed(0)}/s a core`,
    );
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
