import { setTimeout as sleep } from 'node:timers/promises';
import { type FaultRun, type Verdict, verdict } from '../row.ts';
import { TRIES } from './balancer.ts';
import { checkLedger, describeFindings, isClean } from './check.ts';
import { view } from './device.ts';
import { ms } from './figures.ts';
import { openUpstream } from './http.ts';
import { type Device, type Ledger, openLedger, tally } from './ledger.ts';
import { signInDevices, startLoad } from './load.ts';
import { holdingsOf } from './process.ts';
import { type Stage, type StageOptions, withStage } from './stage.ts';
import { watchStalls } from './stalls.ts';

/** How a database goes away and comes back. */
export type Outage = {
  begin(stage: Stage): Promise<void>;
  /** From here on it can answer again. */
  end(stage: Stage): Promise<void>;
  /** Milliseconds in between. */
  readonly lasts: number;
  readonly times?: number;
  /** How soon the first call succeeds after the end. */
  readonly recoveryLimit: number;
  /** How soon /health/ready has to say no; not asked when left out. */
  readonly unreadyLimit?: number;
  /** By how many MB it may be larger than it ever was before; not asked when left out. */
  readonly memoryLimit?: number;
};

const PEOPLE = 40;

/** No call may take longer, whatever the database does (RR-8, RR-11). */
const CALL_LIMIT = 3_000;

/** What waits for no database is not late for its sake. */
const LIVE_LIMIT = 500;

/** Takes the database away under the normal load and counts what the clients were answered. */
export function surviveOutage(
  run: FaultRun,
  outage: Outage,
  options: StageOptions = {},
): Promise<Verdict> {
  return withStage(run, { people: PEOPLE, ...options }, async (stage) => {
    const ledger = openLedger();
    const { balancer } = stage;
    const client = { balancer, ledger };
    const devices = await signInDevices(client, PEOPLE);
    const [server] = stage.servers;
    if (!server) throw new TypeError('There is no server.');
    const memory = watchMemory(server.pid);
    if (outage.memoryLimit !== undefined) await warmUp(run, balancer, devices);
    balancer.onTry((answer) => ledger.note(answer));
    const watch = watchHealth(server.url);
    const stalls = watchStalls();
    const load = startLoad(client, { devices, people: PEOPLE, share: run.share });
    await sleep(2_000);
    memory.mark();
    const recoveries: number[] = [];
    let unreadyAfter = 0;
    for (let time = 0; time < (outage.times ?? 1); time += 1) {
      const began = performance.now();
      await outage.begin(stage);
      await sleep(outage.lasts);
      unreadyAfter = Math.max(unreadyAfter, watch.firstNo(began) - began);
      await outage.end(stage);
      recoveries.push(await recovery(client, ledger));
      await sleep(300);
    }
    await sleep(1_500);
    await load.stop();
    watch.stop();
    memory.stop();
    stalls.stop();
    const exited = await Promise.race([server.ended, sleep(0, null)]);
    const found = await checkLedger(ledger, stage);
    // A sign-in's hash takes processor time, which a busy machine does not have.
    const isTimely = (took: number, limit: number) =>
      stalls.isBusy() || took <= limit + stalls.longest();
    const { field, milliseconds: slowest } = ledger.slowest;
    const slowestRecovery = Math.max(...recoveries);
    const { unreadyLimit } = outage;
    const unready = unreadyLimit === undefined ? '' : `ready 503 after ${ms(unreadyAfter)}, `;
    return verdict(
      `${recoveries.length} times; ${tally(ledger.kinds)}; slowest answer ${ms(slowest)} (${field}; stalls to ${ms(stalls.longest())}, /health/live to ${ms(watch.slowestLive())}), ${unready}` +
        `recovery ${ms(slowestRecovery)}, RSS ${memory.range()}; ` +
        `wrong: ${ledger.wrong.length}; ${describeFindings(found)}`,
      {
        'somebody was refused': ledger.kinds.has('SERVICE_UNAVAILABLE'),
        [`only right answers and 503 (${ledger.wrong.slice(0, 3).join('; ')})`]:
          ledger.wrong.length === 0,
        'no connection failed': ledger.failures.size === 0,
        'every call within 3 s': isTimely(slowest, CALL_LIMIT),
        'live throughout': watch.alwaysLive(),
        'live at once': isTimely(watch.slowestLive(), LIVE_LIMIT),
        'the process stays': exited === null,
        'ready says no': unreadyLimit === undefined || unreadyAfter <= unreadyLimit,
        recovery: isTimely(slowestRecovery, outage.recoveryLimit),
        memory: memory.growth() < (outage.memoryLimit ?? Number.POSITIVE_INFINITY),
        ledger: isClean(found),
      },
    );
  });
}

/**
 * An outage multiplies the requests: every client tries again. V8's heap grows with their number,
 * whatever they are answered, up to a size of its own; that is not what an outage costs. So as many
 * come before it, to a database that is well.
 */
async function warmUp(
  run: FaultRun,
  balancer: Stage['balancer'],
  devices: readonly Device[],
): Promise<void> {
  // Its answer does not count.
  const client = { balancer, ledger: openLedger() };
  const share = run.share * TRIES;
  const load = startLoad(client, { devices, people: PEOPLE, share });
  await sleep(run.short ? 2_000 : 45_000);
  await load.stop();
}

/**
 * How large a process gets, in MB, before a moment and after it: the highest of both. Resident memory
 * is a saw, and from one of its low points every minute of normal load grows (ADR-0025).
 */
function watchMemory(pid: number) {
  let before = 0;
  let highest = 0;
  const timer = setInterval(async () => {
    highest = Math.max(highest, (await holdingsOf(pid)).rss);
  }, 250);
  return {
    mark() {
      before = highest;
      highest = 0;
    },
    growth: () => highest - before,
    range: () => `${before.toFixed(0)} to ${highest.toFixed(0)} MB`,
    stop: () => clearInterval(timer),
  };
}

/** Milliseconds until a call succeeds. */
async function recovery(client: { readonly balancer: Stage['balancer'] }, ledger: Ledger) {
  const startedAt = performance.now();
  const device = ledger.devices.find(({ refused }) => !refused);
  if (!device) throw new TypeError('Nobody is signed in.');
  // What it meets until then is not part of the ledger: it is the measure.
  const aside = { balancer: client.balancer, ledger: openLedger() };
  while (!(await view(aside, device))) await sleep(20);
  return performance.now() - startedAt;
}

/** Asks for health as an orchestrator does. */
function watchHealth(url: string) {
  const upstream = openUpstream(url);
  const noes: number[] = [];
  let live = true;
  let slowest = 0;
  let stopped = false;
  const timer = setInterval(async () => {
    const [alive, ready] = await Promise.all([
      upstream.send('/health/live'),
      upstream.send('/health/ready'),
    ]);
    if (stopped) return;
    live &&= alive.status === 200;
    slowest = Math.max(slowest, alive.milliseconds);
    if (ready.status === 503) noes.push(performance.now());
  }, 200);
  return {
    alwaysLive: () => live,
    /** It asks nobody: how late it is, the server's thread was. */
    slowestLive: () => slowest,
    firstNo: (after: number) => noes.find((at) => at > after) ?? Number.POSITIVE_INFINITY,
    stop() {
      stopped = true;
      clearInterval(timer);
      upstream.close();
    },
  };
}
