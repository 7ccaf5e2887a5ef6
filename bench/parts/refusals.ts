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
 * Measures which refusals of a flood are late, and why. 200 callers sign in at the same moment, repeatedly. The
 * first burst meets a process that has signed in nobody. In the second scenario all callers have one source whose
 * rate limit is used up, which only the database knows. After `npm run build`:
 * `node bench/parts/refusals.ts [--starts 5] [--bursts 3] [--period 3] [--beside]`
 *
 * With `--beside`, 4 callers refresh and 4 ask for viewer without a pause, from some time before the first burst,
 * so that only the code of sign-ins runs for the first time. The last columns describe the main thread, from the
 * burst's first request to the last such response: how long it ran, and how long it waited for the core. All
 * figures are medians of the starts.
 */

const { values } = parseArgs({
  options: {
    starts: { type: 'string', default: '5' },
    bursts: { type: 'string', default: '3' },
    period: { type: 'string', default: '3' },
    beside: { type: 'boolean', default: false },
  },
});
const [starts, bursts] = [Number(values.starts), Number(values.bursts)];
const period = Number(values.period) * 1000;
const seconds = (bursts * period) / 1000;
const PEOPLE = 5_000;
const OTHERS = 4;
/** A source that no caller of the flood has. */
const SPENT = '192.0.2.1';
/** More accounts than one source may fail on before its rate limit refuses it. */
const SPRAYED = 24;
/** The longest that this takes, in seconds. */
const SPRAY_TIME = 5;

type Thread = { readonly ran: number; readonly waited: number };
type Answered = Thread & { readonly burst: number; readonly kind: string; readonly ms: number };
type Flood = { readonly name: string; readonly answers: readonly Answered[] };

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
    { name: 'an address each', answers: apart },
    { name: 'one address, its rate limit used up', answers: together },
  ];
}

/** All callers send at the start of each period. A caller that still waits for a response skips the period. */
async function flood(
  port: number,
  thread: () => Thread,
  requestOf: (index: number, turn: number) => Buffer,
): Promise<readonly Answered[]> {
  const answers: Answered[] = [];
  const before: Thread[] = [];
  let startedAt = 0;
  const callers = times(FLOOD, (index): Caller => {
    let [turn, sentAt, burst] = [0, 0, 0];
    return {
      next() {
        sentAt = performance.now();
        startedAt ||= sentAt;
        burst = Math.round((sentAt - startedAt) / period);
        before[burst] ??= thread();
        turn += 1;
        return requestOf(index, turn - 1);
      },
      read(answer) {
        const ms = performance.now() - sentAt;
        const [, kind] = /"__typename":"(\w+)"/.exec(answer.body) ?? [];
        if (kind === undefined && answer.status !== 503) throw new WrongAnswer('login', answer);
        const [then = { ran: 0, waited: 0 }, now] = [before[burst], thread()];
        const spent = { ran: now.ran - then.ran, waited: now.waited - then.waited };
        answers.push({ burst, kind: kind ?? '503', ms, ...spent });
      },
      pause: () => period - ((performance.now() - startedAt) % period),
    };
  });
  await runLoad(port, callers, seconds - period / 2000);
  return answers;
}

/** How long the main thread ran and how long it waited for the core, in milliseconds (Linux, proc/<pid>/schedstat). */
function threadOf(pid: number): Thread {
  const path = `/proc/${pid}/task/${pid}/schedstat`;
  if (!existsSync(path)) return { ran: Number.NaN, waited: Number.NaN };
  const [ran, waited] = readFileSync(path, 'utf8').split(' ').map(Number);
  return { ran: (ran ?? Number.NaN) / 1e6, waited: (waited ?? Number.NaN) / 1e6 };
}

function print(name: string, floods: readonly Flood[]): void {
  const kinds = [
    ...new Set(floods.flatMap(({ answers }) => answers.map(({ kind }) => kind))),
  ].sort();
  const rows = times(bursts, (index) => index).flatMap((burst) =>
    kinds.flatMap((kind) => {
      const each = floods
        .map(({ answers }) => answers.filter((one) => one.burst === burst && one.kind === kind))
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
      return [[String(burst + 1), kind, String(count), ...figures.map(median).map(digits)]];
    }),
  );
  const head = ['burst', 'answers', 'times', 'p50 ms', 'p99 ms', 'ran ms', 'waited ms'];
  console.log(`${name}\n\n${renderTable([head, ...rows])}\n`);
}
