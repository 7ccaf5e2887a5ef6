import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { migrate, SECRET_KEYS, startLatchkey, withContenders } from '../contenders/latchkey.ts';
import { startBenchPostgres } from '../lib/database.ts';
import { stepAside } from '../lib/machine.ts';
import { seedPeople } from '../lib/seed.ts';

/**
 * Profiles the server's main thread during one operation, warm, by file and by function.
 * `node bench/parts/profile.ts [--operation viewer|refresh|sign-in] [--seconds 8]`
 */

const { values } = parseArgs({
  options: {
    operation: { type: 'string', default: 'viewer' },
    seconds: { type: 'string', default: '8' },
  },
});
const SHOWN = 60;
const WARM_UP = 12;
const PEOPLE = 200;

type Profile = {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { functionName: string; url: string; lineNumber: number };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
};

/** The time of each function in the last part of a profile: its own, and with its callees. */
function timesOf({ nodes, samples, timeDeltas }: Profile, milliseconds: number) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((c) => [c, id])));
  const nameOf = (id: number) => {
    const { functionName = '', url = '', lineNumber = 0 } = byId.get(id)?.callFrame ?? {};
    return `${functionName || '(anonymous)'} ${basename(url)}:${lineNumber + 1}`;
  };
  const own = new Map<string, number>();
  const whole = new Map<string, number>();
  const add = (to: Map<string, number>, name: string, time: number) =>
    to.set(name, (to.get(name) ?? 0) + time);
  let left = milliseconds * 1000;
  for (let index = samples.length - 1; index >= 0 && left > 0; index -= 1) {
    const time = timeDeltas[index] ?? 0;
    left -= time;
    const stack = new Set<string>();
    const id = samples[index] ?? 0;
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at))
      stack.add(nameOf(at));
    if (stack.has('(idle) :0') || stack.has('(program) :0')) continue;
    add(own, nameOf(id), time);
    for (const name of stack) add(whole, name, time);
  }
  return { own, whole };
}

stepAside();
const postgres = await startBenchPostgres();
const folder = await mkdtemp(join(tmpdir(), 'latchkey-profile-'));
try {
  const url = await postgres.create('profile');
  await migrate(url);
  await seedPeople(url, PEOPLE, SECRET_KEYS);
  const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`];
  const server = await startLatchkey(url, { flags });
  const { contenders, program } = await withContenders(server, { connections: 16, people: PEOPLE });
  const contender = contenders.find(({ operation }) => operation === values.operation);
  if (!contender) throw new Error(`There is no operation ${values.operation}.`);
  const seconds = Number(values.seconds);
  await contender.run(WARM_UP);
  const { latencies } = await contender.run(seconds);
  await program.stop();
  const [file = ''] = await readdir(folder);
  const profile: Profile = JSON.parse(await readFile(join(folder, file), 'utf8'));
  const { own, whole } = timesOf(profile, seconds * 1000);
  const total = [...own.values()].reduce((sum, time) => sum + time, 0);
  console.log(`${latencies.length} × ${values.operation}, ${Math.round(total / 1000)} ms`);
  const show = (title: string, times: Map<string, number>) => {
    console.log(`\n${title}`);
    for (const [name, time] of [...times].toSorted(([, a], [, b]) => b - a).slice(0, SHOWN)) {
      const each = (time / latencies.length).toFixed(1).padStart(7);
      console.log(`${((100 * time) / total).toFixed(1).padStart(5)} % ${each} µs  ${name}`);
    }
  };
  show('by itself', own);
  show('with what it calls', whole);
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
