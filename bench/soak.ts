import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import postgres from 'postgres';
import { freePort } from '../dev/postgres/port.ts';
import { createSmtpSink } from '../test/support/smtp-sink.ts';
import { until } from '../test/support/until.ts';
import { migrate, SECRET_KEYS, startLatchkey } from './contenders/latchkey.ts';
import { startBenchPostgres } from './lib/database.ts';
import { heapAfterCollection } from './lib/inspector.ts';
import { describeMachine } from './lib/machine.ts';
import { startProgram } from './lib/program.ts';
import { seedPeople } from './lib/seed.ts';
import { summarize } from './lib/statistics.ts';
import { renderTable } from './lib/table.ts';
import { type Reading, readGauges, readTables } from './soak/gauges.ts';
import { createPeople } from './soak/people.ts';
import { createTraffic, MOST } from './soak/traffic.ts';
import {
  checkHandles,
  checkHeap,
  checkLatency,
  checkMemory,
  checkTables,
  type Line,
} from './soak/verdict.ts';

/**
 * F-22: applies the normal load with churn for the given minutes, and measures what it leaves behind. The first
 * fifth, ten minutes at most, is warm-up and does not count. `npm run soak -- --minutes 60`
 */

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const minutes = Number(values.minutes);
if (!(minutes >= 1)) throw new RangeError('--minutes is 1 or more.');

const MINUTE = 60_000;
const PEOPLE = 5_000;
const SEATS = 400;
/** More than the cache of verified tokens holds. */
const TOKENS = 11_000;
const SAMPLE_EVERY = 5_000;
const HEAP_EVERY = 30_000;
const WARM_UP = Math.min(10, minutes / 5) * MINUTE;
const WINDOW = Math.min(5 * MINUTE, (minutes * MINUTE - WARM_UP) / 2);
/** In a mail, a code is on a line of its own. */
const CODE = /^(\d{4}) ?(\d{4})\r?$/m;
const CHECKOUT = fileURLToPath(new URL('..', import.meta.url));

console.log(JSON.stringify(describeMachine()));
execFileSync(process.execPath, ['scripts/build.ts'], { cwd: CHECKOUT, stdio: 'ignore' });
const database = await startBenchPostgres();
const sink = await createSmtpSink();
const ends: (() => Promise<unknown>)[] = [() => sink.stop(), database.stop];
try {
  const url = await database.create('soak');
  await migrate(url);
  await seedPeople(url, PEOPLE, SECRET_KEYS);
  const inspectorPort = await freePort(0);
  const server = await startLatchkey(url, {
    flags: [`--inspect=127.0.0.1:${inspectorPort}`],
    env: { SMTP_URL: sink.url },
    pin: false,
  });
  ends.unshift(server.program.stop);
  const controlPort = await freePort(0);
  const control = await startProgram({
    args: [fileURLToPath(new URL('./soak/control.ts', import.meta.url)), String(controlPort)],
    env: {},
    port: controlPort,
    pin: false,
    isReady: async () => true,
  });
  ends.unshift(control.stop);
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  ends.unshift(() => sql.end({ timeout: 1 }));

  const traffic = createTraffic();
  const people = createPeople(`http://127.0.0.1:${server.port}`, {
    people: PEOPLE,
    traffic,
    codeFor,
  });
  const askControl = async () => {
    await traffic.timed('control', async () => {
      const body = '{"query":"{ __typename }"}';
      await (await fetch(`http://127.0.0.1:${controlPort}`, { method: 'POST', body })).text();
    });
  };
  await people.settle({ seats: SEATS, tokens: TOKENS });
  const began = performance.now();
  const minute = () => ((performance.now() - began) / MINUTE).toFixed(1);
  traffic.start([...people.streams, { perSecond: 20, once: askControl }]);
  await sleep(WARM_UP);

  const measured = { from: performance.now(), to: began + minutes * MINUTE };
  const [readings, heaps]: [Reading[], number[]] = [[], []];
  const before = await readTables(sql);
  let heapDue = measured.from;
  let toldAt = 0;
  while (performance.now() < measured.to) {
    if (performance.now() >= heapDue) {
      heapDue += HEAP_EVERY;
      heaps.push(await heapAfterCollection(inspectorPort));
    }
    const reading = await readGauges(server.program.pid, sql);
    readings.push(reading);
    if (performance.now() - toldAt >= MINUTE) {
      toldAt = performance.now();
      report(minute(), reading, heaps.at(-1) ?? Number.NaN, traffic.failures.length);
    }
    await sleep(SAMPLE_EVERY);
  }
  await traffic.stop();
  const after = await readTables(sql);

  const early = { from: measured.from, to: measured.from + WINDOW };
  const late = { from: measured.to - WINDOW, to: measured.to };
  const { failures, samples } = traffic;
  const count = samples.filter(({ operation }) => operation !== 'control').length;
  const lines: readonly Line[] = [
    {
      ok: failures.length === 0,
      what: 'failed requests: 0',
      figure: `${failures.length} of ${count}`,
    },
    {
      ok: traffic.skipped() < count / 100,
      what: 'left out < 1 %',
      figure: `${traffic.skipped()} that were due while ${MOST} like them were under way`,
    },
    checkMemory(readings),
    checkHeap(heaps),
    checkHandles(readings, 'descriptors', 8),
    checkHandles(readings, 'connections', 0),
    ...checkLatency(samples, [early, late]),
    ...checkTables(before, after),
  ];
  console.log(failures.slice(0, 20).join('\n'));
  console.log(
    renderTable([
      [`F-22, ${minutes} minutes`, 'figure', ''],
      ...lines.map(({ ok, what, figure }) => [what, figure, ok ? 'ok' : 'FAILED']),
    ]),
  );
  console.log(renderTable([['operation', 'count', 'p50 ms', 'p99 ms'], ...totals()]));
  if (lines.some(({ ok }) => !ok)) process.exitCode = 1;

  function totals(): readonly string[][] {
    const operations = new Set(samples.map(({ operation }) => operation));
    return [...operations].map((operation) => {
      const taken = samples.filter((one) => one.operation === operation && one.at >= measured.from);
      const { count: many, p50, p99 } = summarize(taken.map((one) => one.milliseconds));
      return [operation, String(many), p50.toFixed(1), p99.toFixed(1)];
    });
  }
} finally {
  for (const end of ends) await end();
}

function codeFor(address: string): Promise<string> {
  const since = sink.mails.length;
  // The mail may arrive before the response.
  const look = () =>
    sink.mails
      .slice(Math.max(0, since - 100))
      .findLast(({ to, data }) => to.includes(address) && CODE.test(data))?.data;
  return until(look, 20_000).then((data) => CODE.exec(data)?.slice(1).join('') ?? '');
}

function report(minute: string, reading: Reading, heap: number, failures: number): void {
  const { rss, descriptors, connections } = reading;
  console.log(
    `minute ${minute}: RSS ${rss.toFixed(0)} MiB, heap ${heap.toFixed(1)} MiB, ` +
      `${descriptors} descriptors, ${connections} connections, ${failures} failures`,
  );
}
