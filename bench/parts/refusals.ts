import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { loginRequest, refreshCaller, viewerCaller } from '../contenders/callers.ts';
import { times } from '../contenders/contender.ts';
import { migrate, SECRET_KEYS, startLatchkey } from '../contenders/latchkey.ts';
import { FLOOD } from '../isolation.ts';
import { startBenchPostgres } from '../lib/database.ts';
import { type Caller, call, runLoad, WrongAnswer } from '../lib/load.ts';
import { stepAside } from '../lib/machine.ts';
import { seedPeople } from '../lib/seed.ts';
import { median, summarize } from '../lib/statistics.ts';
import { digits, renderTable } from '../lib/table.ts';

/**
 * Which refusals of a flood are late, and what for. 200 callers sign in at the same moment, again and
 * again: the first herd meets a process that has signed in nobody, the next ones do not; then all come
 * from one source whose budget is used up, which only the database knows. After `npm run build`:
 * `node bench/parts/refusals.ts [--starts 5] [--herds 3] [--period 3] [--beside]`
 *
 * `--beside`: 4 callers refresh and 4 ask for viewer without a pause meanwhile, and for a while before,
 * so that only what signs in is met for the first time. The last columns are of the thread that
 * answers, from the herd's first request to the last such answer: how long it ran, and how long it
 * was ready to and waited for the core. Medians of the starts.
 */

const { values } = parseArgs({
  options: {
    starts: { type: 'string', default: '5' },
    herds: { type: 'string', default: '3' },
    period: { type: 'string', default: '3' },
    beside: { type: 'boolean', default: false },
  },
});
const [starts, herds] = [Number(values.starts), Number(values.herds)];
const period = Number(values.period) * 1000;
const seconds = (herds * period) / 1000;
const PEOPLE = 5_000;
const OTHERS = 4;
/** Nobody of the flood comes from here. */
const SPENT = '192.0.2.1';
/** More accounts than one source may fail on. */
const SPRAYED = 24;
/** Seconds that this takes at most. */
const SPRAY_TIME = 5;

type Thread = { readonly ran: number; readonly waited: number };
type Told = Thread & { readonly herd: number; readonly kind: string; readonly ms: number };
type Flood = { readonly name: string; readonly told: readonly Told[] };

stepAside();
const postgres = await startBenchPostgres();
try {
  const floods: Flood[] = [];
  for (let start = 1; start <= starts; start += 1) {
    const url = await postgres.create(`refusals_${start}`);
    await migrate(url);
    await seedPeople(url, PEOPLE, SECRET_KEYS);
    floods.push(...(await measureStart(url)));
  }
  for (const name of new Set(floods.map((flood) => flood.name)))
    print(
      name,
      floods.filter((flood) => flood.name === name),
    );
} finally {
  await postgres.stop();
}

async function measureStart(url: string): Promise<readonly Flood[]> {
  const { port, program, signIn } = await startLatchkey(url);
  const seats = values.beside ? await signIn(1, 2 * OTHERS) : [];
  const others = seats.map(({ accessToken, refreshToken }, index) =>
    index < OTHERS ? viewerCaller(accessToken) : refreshCaller(refreshToken),
  );
  if (values.beside) await runLoad(port, others, seconds);
  const beside = values.beside ? runLoad(port, others, 2 * seconds + SPRAY_TIME) : null;
  const apart = await flood(
    port,
    () => threadOf(program.pid),
    (index, turn) => loginRequest(((index + turn * FLOOD) % PEOPLE) + 1),
  );
  for (let person = 1; person <= SPRAYED; person += 1) {
    const wrong = { address: SPENT, password: 'not this one' };
    await call(port, loginRequest(FLOOD + person, wrong));
  }
  const together = await flood(
    port,
    () => threadOf(program.pid),
    (index) => loginRequest(index + 1, { address: SPENT }),
  );
  await beside;
  await program.stop();
  return [
    { name: 'an address each', told: apart },
    { name: 'one address, its budget used up', told: together },
  ];
}

/** All callers send at the start of each period; who still waits for an answer misses that turn. */
async function flood(
  port: number,
  thread: () => Thread,
  requestOf: (index: number, turn: number) => Buffer,
): Promise<readonly Told[]> {
  const told: Told[] = [];
  const before: Thread[] = [];
  let startedAt = 0;
  const callers = times(FLOOD, (index): Caller => {
    let [turn, sentAt, herd] = [0, 0, 0];
    return {
      next() {
        sentAt = performance.now();
        startedAt ||= sentAt;
        herd = Math.round((sentAt - startedAt) / period);
        before[herd] ??= thread();
        turn += 1;
        return requestOf(index, turn - 1);
      },
      read(answer) {
        const ms = performance.now() - sentAt;
        const [, kind] = /"__typename":"(\w+)"/.exec(answer.body) ?? [];
        if (kind === undefined && answer.status !== 503) throw new WrongAnswer('login', answer);
        const [then = { ran: 0, waited: 0 }, now] = [before[herd], thread()];
        const spent = { ran: now.ran - then.ran, waited: now.waited - then.waited };
        told.push({ herd, kind: kind ?? '503', ms, ...spent });
      },
      pause: () => period - ((performance.now() - startedAt) % period),
    };
  });
  await runLoad(port, callers, seconds - period / 2000);
  return told;
}

/** The main thread's time on the core and beside it, in milliseconds (Linux, proc/<pid>/schedstat). */
function threadOf(pid: number): Thread {
  const path = `/proc/${pid}/task/${pid}/schedstat`;
  if (!existsSync(path)) return { ran: Number.NaN, waited: Number.NaN };
  const [ran, waited] = readFileSync(path, 'utf8').split(' ').map(Number);
  return { ran: (ran ?? Number.NaN) / 1e6, waited: (waited ?? Number.NaN) / 1e6 };
}

function print(name: string, floods: readonly Flood[]): void {
  const kinds = [...new Set(floods.flatMap(({ told }) => told.map(({ kind }) => kind)))].sort();
  const rows = times(herds, (index) => index).flatMap((herd) =>
    kinds.flatMap((kind) => {
      const each = floods
        .map(({ told }) => told.filter((one) => one.herd === herd && one.kind === kind))
        .filter((ones) => ones.length > 0);
      if (each.length === 0) return [];
      const latencies = each.map((ones) => summarize(ones.map(({ ms }) => ms)));
      const figures = [
        latencies.map(({ p50 }) => p50),
        latencies.map(({ p99 }) => p99),
        each.map((ones) => Math.max(...ones.map(({ ran }) => ran))),
        each.map((ones) => Math.max(...ones.map(({ waited }) => waited))),
      ];
      const count = median(each.map(({ length }) => length));
      return [[String(herd + 1), kind, String(count), ...figures.map(median).map(digits)]];
    }),
  );
  const head = ['herd', 'told', 'times', 'p50 ms', 'p99 ms', 'ran ms', 'waited ms'];
  console.log(`${name}\n\n${renderTable([head, ...rows])}\n`);
}
