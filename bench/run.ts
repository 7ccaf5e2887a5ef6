import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeBuild } from '../src/proofs/password/build.ts';
import { hasPeers, startBetterAuth } from './contenders/better-auth.ts';
import type { Host, Operation } from './contenders/contender.ts';
import { bareFloors, startBareServer } from './contenders/floors.ts';
import { migrate, SECRET_KEYS, startLatchkey, withContenders } from './contenders/latchkey.ts';
import { type Isolation, measureIsolation } from './isolation.ts';
import { startBenchPostgres } from './lib/database.ts';
import { renderGoals } from './lib/goals.ts';
import { describeMachine, stepAside } from './lib/machine.ts';
import type { Program } from './lib/program.ts';
import { measureRounds, type Result } from './lib/rounds.ts';
import { seedPeople } from './lib/seed.ts';
import { median } from './lib/statistics.ts';
import { digits, renderResults, renderTable } from './lib/table.ts';

/**
 * `npm run bench`: this server beside the other contenders, in one table, and as JSON in bench/results.
 * `-- --quick` gives rough figures.
 */

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const plan = values.quick
  ? { rounds: 3, seconds: 0.4, warmUp: 0.4, starts: 2, flood: 2, people: 5_000 }
  : { rounds: 7, seconds: 4, warmUp: 20, starts: 10, flood: 15, people: 5_000 };
const CONNECTIONS = 16;
/** A process that uses no processor time for this long is at rest, in milliseconds. */
const REST = 500;
const OPERATIONS: readonly Operation[] = ['viewer', 'viewer, one caller', 'refresh', 'sign-in'];
const CHECKOUT = fileURLToPath(new URL('..', import.meta.url));
const RESULTS = new URL('./results/', import.meta.url);

const machine = { ...describeMachine(), argon2: describeBuild() };
execFileSync(process.execPath, ['scripts/build.ts'], { cwd: CHECKOUT, stdio: 'ignore' });
stepAside();
const postgres = await startBenchPostgres();
const hosts: Host[] = [];
try {
  const url = await postgres.create('ours');
  await migrate(url);
  await seedPeople(url, plan.people, SECRET_KEYS);
  const coldStarts = await coldStart(url);
  const load = { connections: CONNECTIONS, people: plan.people };
  const server = await startLatchkey(url);
  const idle = await memoryAtRest(server.program);
  const latchkey = await withContenders(server, load);
  hosts.push(latchkey, await startBareServer(latchkey, CONNECTIONS));
  if (hasPeers()) {
    for (const equalHash of [false, true]) {
      const database = await postgres.create(equalHash ? 'better_auth_argon2' : 'better_auth');
      hosts.push(await startBetterAuth(database, { connections: CONNECTIONS, equalHash }));
    }
  }
  const idles = hosts.map(({ program }) => program.memory()?.now ?? null);

  const results: Result[] = [];
  for (const operation of OPERATIONS) {
    progress(operation);
    const floors = bareFloors(url, CONNECTIONS);
    results.push(...(await measureRounds(operation, hosts, floors, plan)));
  }
  const memory = hosts.map(({ name, program }, index) => ({
    name,
    startMs: program.startMs,
    idle: name === 'latchkey' ? idle : idles[index],
    peak: program.memory()?.peak ?? null,
  }));
  for (const { program } of hosts.splice(0)) await program.stop();

  progress('isolation');
  const flooded = await startLatchkey(url);
  hosts.push({ ...flooded, contenders: [] });
  const isolation = await measureIsolation(flooded, { people: plan.people, seconds: plan.flood });

  const report = { machine, plan, results, memory, coldStarts, isolation };
  print(report);
  console.log(`${renderGoals({ ...report, idle, cores: availableParallelism() })}\n`);
  await mkdir(RESULTS, { recursive: true });
  const name = `${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.json`;
  await writeFile(new URL(name, RESULTS), `${JSON.stringify(report, null, 2)}\n`);
  progress(`bench/results/${name}`);
} finally {
  for (const { program } of hosts) await program.stop();
  await postgres.stop();
}

/** Memory once nothing is under way: the start measures a hash in the background. */
async function memoryAtRest({ cpuMs, memory }: Program): Promise<number | null> {
  for (let before = -1, now = cpuMs() ?? 0; now > before; now = cpuMs() ?? 0) {
    before = now;
    await sleep(REST);
  }
  return memory()?.now ?? null;
}

async function coldStart(url: string): Promise<readonly number[]> {
  progress('cold start');
  const times: number[] = [];
  for (let start = 0; start < plan.starts; start += 1) {
    const { program } = await startLatchkey(url);
    times.push(program.startMs);
    await program.stop();
  }
  return times;
}

function print(report: {
  readonly results: readonly Result[];
  readonly memory: readonly {
    name: string;
    startMs: number;
    idle?: number | null | undefined;
    peak: number | null;
  }[];
  readonly coldStarts: readonly number[];
  readonly isolation: Isolation;
}): void {
  const { results, memory, coldStarts, isolation } = report;
  console.log(
    `\n${Object.entries(machine)
      .map(([name, value]) => `${name}: ${value}`)
      .join(' · ')}\n`,
  );
  console.log(`${renderResults(results)}\n`);
  const rows = memory.map(({ name, startMs, idle, peak }) => [
    name,
    String(Math.round(startMs)),
    String(idle ?? ''),
    String(peak ?? ''),
  ]);
  console.log(`${renderTable([['process', 'start ms', 'idle MiB', 'peak MiB'], ...rows])}\n`);
  const [least, most] = [Math.min(...coldStarts), Math.max(...coldStarts)];
  console.log(
    `cold start × ${coldStarts.length}: ${Math.round(median(coldStarts))} ms ` +
      `(${Math.round(least)} to ${Math.round(most)})\n`,
  );
  const flood = (['viewer', 'refresh'] as const).map((name) => {
    const { quiet, flood: during } = isolation;
    return [
      name,
      ...[quiet[name], during[name]].flatMap(({ p50, p99 }) => [digits(p50), digits(p99)]),
    ];
  });
  const head = ['200 sign in', 'p50 before', 'p99 before', 'p50 during', 'p99 during'];
  console.log(renderTable([head, ...flood]));
  const { signedIn, refused, unavailable, memory: used } = isolation;
  console.log(
    `signed in ${signedIn} · refused ${refused.count}, p50 ${digits(refused.p50)} ms, p99 ` +
      `${digits(refused.p99)} ms · 503 ${unavailable} · memory ${used?.before ?? '?'} → ${used?.peak ?? '?'} MiB\n`,
  );
}

function progress(what: string): void {
  console.error(`… ${what}`);
}
