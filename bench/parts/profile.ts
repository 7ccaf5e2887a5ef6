import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { migrate, startLatchkey, withContenders } from '../contenders/latchkey.ts';
import { startBenchPostgres } from '../lib/database.ts';
import { stepAside } from '../lib/machine.ts';
import { seedPeople } from '../lib/seed.ts';

/**
 * Where the server's main thread spends its time in one operation, warm, by file and by function.
 * `node bench/parts/profile.ts [--operation viewer|refresh|sign-in] [--seconds 8]`
 */

const { values } = parseArgs({
  options: {
    operation: { type: 'string', default: 'viewer' },
    seconds: { type: 'string', default: '8' },
  },
});
const SHOWN = 25;
const PEOPLE = 200;

type Profile = {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { functionName: string; url: string; lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
};

/** Own time of each function, without what it calls. */
function ownTime({ nodes, samples, timeDeltas }: Profile): Map<string, number> {
  const names = new Map(
    nodes.map(({ id, callFrame }) => {
      const { functionName, url, lineNumber } = callFrame;
      return [id, `${functionName || '(anonymous)'} ${basename(url)}:${lineNumber + 1}`];
    }),
  );
  const own = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) ?? 'unknown';
    own.set(name, (own.get(name) ?? 0) + (timeDeltas[index] ?? 0));
  }
  return own;
}

stepAside();
const postgres = await startBenchPostgres();
const folder = await mkdtemp(join(tmpdir(), 'latchkey-profile-'));
try {
  const url = await postgres.create('profile');
  await migrate(url);
  await seedPeople(url, PEOPLE);
  const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--enable-source-maps'];
  const server = await startLatchkey(url, { flags });
  const { contenders, program } = await withContenders(server, { connections: 16, people: PEOPLE });
  const contender = contenders.find(({ operation }) => operation === values.operation);
  if (!contender) throw new Error(`There is no operation ${values.operation}.`);
  const { latencies } = await contender.run(Number(values.seconds));
  await program.stop();
  const [file = ''] = await readdir(folder);
  const own = ownTime(JSON.parse(await readFile(join(folder, file), 'utf8')));
  for (const idle of ['(idle) :0', '(program) :0']) own.delete(idle);
  const total = [...own.values()].reduce((sum, time) => sum + time, 0);
  console.log(`${latencies.length} × ${values.operation}; start and warm-up are in it`);
  const top = [...own].toSorted(([, a], [, b]) => b - a).slice(0, SHOWN);
  for (const [name, time] of top) {
    console.log(`${((100 * time) / total).toFixed(1).padStart(5)} %  ${name}`);
  }
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
