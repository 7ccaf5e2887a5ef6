import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { emailOf } from '../../../bench/lib/seed.ts';
import { checkLedger, describeFindings, isClean } from '../kit/check.ts';
import { refresh, signIn, view } from '../kit/device.ts';
import { ms, percentile } from '../kit/figures.ts';
import { openLedger, tally } from '../kit/ledger.ts';
import { signInDevices } from '../kit/load.ts';
import { withStage } from '../kit/stage.ts';
import { watchStalls } from '../kit/stalls.ts';
import { type FaultRow, verdict } from '../row.ts';

const POOL = 5;
const CALLERS = 200;
const PEOPLE = 40;

/** One piece of work of the server holds a connection at most so long (LIMITS.call). */
const CALL_LIMIT = 3_000;

/**
 * Five connections, two hundred callers at once, and a lock that makes every sign-in hang. A
 * request that held one connection while it waited for a second would stop them all for good; one
 * that held it while hashing would show as an open transaction that does nothing. (That none does
 * either is test/journeys/one-connection.test.ts.) Transactions are sent in one go, so one that is
 * seen open and idle is a server's process that got no processor between two of its packets: with
 * hashes on every core that is seen now and then.
 *
 * A call that is given up closes its connection; Postgres notices when its wait for the lock ends
 * (LIMITS.lock) and has more sessions than there are connections until then: they are listed.
 */
export const row: FaultRow = {
  number: 8,
  name: 'a pool of 5 and 200 callers',
  run: (run) => {
    const env = { DATABASE_POOL_SIZE: String(POOL) };
    return withStage(run, { people: PEOPLE, env }, async (stage) => {
      const ledger = openLedger();
      const client = { balancer: stage.balancer, ledger };
      const devices = await signInDevices(client, PEOPLE);
      stage.balancer.onTry((answer) => ledger.note(answer));
      const stalls = watchStalls();
      const sessions: number[] = [];
      const held: number[] = [];
      const idle: number[] = [];
      const looking = new AbortController();
      const look = async () => {
        while (!looking.signal.aborted) {
          const [now] = await stage.sql<{ ports: number[]; idle: number }[]>`
            select array_agg(client_port) as ports, count(*) filter (
                where state = 'idle in transaction' and now() - state_change > interval '15 ms'
              )::int as idle
            from pg_stat_activity where application_name = 'latchkey'`;
          const ports = now?.ports ?? [];
          const open = await openPorts();
          sessions.push(ports.length);
          held.push(open ? ports.filter((port) => open.has(port)).length : 0);
          idle.push(now?.idle ?? 0);
          await sleep(20);
        }
      };
      const watching = look();
      const seconds = run.short ? 3 : 10;
      // Sign-ins write here: with the lock held, each keeps its connection until it is refused.
      const lock = stage.sql.begin(async (tx) => {
        await tx`lock table audit_events in access exclusive mode`;
        await sleep(seconds * 1000);
      });
      const until = performance.now() + seconds * 1000;
      const callers = Array.from({ length: CALLERS }, async (_, index) => {
        const device = devices[index % devices.length];
        while (device && performance.now() < until) {
          if (index % 4 === 0) await signIn(client, emailOf((index % PEOPLE) + 1));
          else if (index % 4 !== 1 || device.busy) await view(client, device);
          else {
            device.busy = true;
            await refresh(client, device);
            device.busy = false;
          }
          await sleep(200 / run.share);
        }
      });
      await Promise.all([lock, ...callers]);
      const released = performance.now();
      const first = devices.find(({ refused }) => !refused);
      while (first && !(await view({ ...client, ledger: openLedger() }, first))) await sleep(20);
      const recovery = performance.now() - released;
      looking.abort();
      await watching;
      stalls.stop();
      const found = await checkLedger(ledger, stage);
      const { field, milliseconds } = ledger.slowest;
      const idleShare = idle.filter((count) => count > 1).length / idle.length;
      return verdict(
        `${tally(ledger.kinds)}; connections at most ${Math.max(...held)}, sessions ${Math.max(...sessions)}; slowest answer ` +
          `${ms(milliseconds)} (${field}; stalls to ${ms(stalls.longest())}); recovery ${ms(recovery)}; ` +
          `looks with idle transactions ${(100 * idleShare).toFixed(0)} %, most ${percentile(idle, 1)}; ${describeFindings(found)}`,
        {
          'no more connections than the pool': Math.max(...held) <= POOL,
          'somebody was refused': ledger.kinds.has('SERVICE_UNAVAILABLE'),
          [`only right answers and 503 (${ledger.wrong.slice(0, 3).join('; ')})`]:
            ledger.wrong.length === 0,
          'no connection failed': ledger.failures.size === 0,
          'no call hangs': stalls.isBusy() || milliseconds <= CALL_LIMIT + stalls.longest(),
          'no deadlock': recovery < 2_000,
          'none held in vain': stalls.isBusy() || idleShare < 0.05,
          ledger: isClean(found),
        },
      );
    });
  },
};

/** Local ports of connections that neither side has closed (proc(5)); null where the system does not list them. */
async function openPorts(): Promise<ReadonlySet<number> | null> {
  const text = await readFile('/proc/net/tcp', 'utf8').catch(() => null);
  if (text === null) return null;
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  const established = lines.filter(([, , , state]) => state === '01');
  return new Set(
    established.map(([, local = '']) => Number.parseInt(local.split(':')[1] ?? '', 16)),
  );
}
