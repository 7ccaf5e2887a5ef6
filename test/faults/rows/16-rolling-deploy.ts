import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../support/until.ts';
import { checkLedger, describeFindings, isClean } from '../kit/check.ts';
import { ms } from '../kit/figures.ts';
import { openUpstream } from '../kit/http.ts';
import { openLedger, tally } from '../kit/ledger.ts';
import { signInDevices, startLoad } from '../kit/load.ts';
import { watchLockWaits } from '../kit/lock-waits.ts';
import { makeNextVersion } from '../kit/next-version.ts';
import { withStage } from '../kit/stage.ts';
import { type FaultRow, verdict } from '../row.ts';

const SIGNED_IN = 40;
const LOCK_LIMIT = 200;

/** What a release adds, as drizzle-kit would write it. */
const EXPAND = {
  name: '9000_rolling',
  up: `-- latchkey: expand
ALTER TABLE "users" ADD COLUMN "rolling" text DEFAULT '' NOT NULL;
--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "rolling" timestamp (3) with time zone;
--> statement-breakpoint
CREATE TABLE "rolling" ("id" uuid PRIMARY KEY NOT NULL, "user_id" uuid REFERENCES "users"("id") ON DELETE cascade);
`,
  down: `DROP TABLE "rolling";
--> statement-breakpoint
ALTER TABLE "sessions" DROP COLUMN "rolling";
--> statement-breakpoint
ALTER TABLE "users" DROP COLUMN "rolling";
`,
};

/** Two servers of N give way to two of N + 1, which find the migration still to be done. */
export const row: FaultRow = {
  number: 16,
  name: 'rolling deploy N → N + 1 with a migration under load',
  run: (run) =>
    withStage(
      run,
      { servers: 2, people: run.short ? 10_000 : 1_000_000, env: { LOG_LEVEL: 'info' } },
      async (stage) => {
        const next = await makeNextVersion([EXPAND], run);
        const ledger = openLedger();
        const { balancer, sql } = stage;
        const client = { balancer, ledger };
        const devices = await signInDevices(client, SIGNED_IN);
        balancer.onTry((answer) => ledger.note(answer));
        const began = performance.now();
        const say = (line: string) => run.say(`${ms(performance.now() - began).padEnd(7)} ${line}`);
        const old = [...stage.servers];
        const load = startLoad(client, { devices, people: SIGNED_IN });
        const locks = watchLockWaits(sql);
        try {
          say(`${old.length} servers of N answer, ${run.short ? '10,000' : '1,000,000'} users`);
          await sleep(2_000);
          // A report that reads both tables for a while: the migration has to wait for its turn.
          const report = sql.begin(async (tx) => {
            await tx`select id from users limit 1`;
            await tx`select id from sessions limit 1`;
            await until(async () => {
              const [row] = await tx`
                select count(*)::int as n from pg_locks
                where not granted and mode = 'AccessExclusiveLock'`;
              return Number(row?.['n']) > 0;
            }, 60_000);
            await sleep(1_500);
          });
          say('N + 1 starts, two at once, and migrates behind a long report');
          const env = { MIGRATE_ON_START: 'true' };
          const fresh = await Promise.all([0, 1].map(() => stage.start(env, next.main)));
          await report;
          const migrated = fresh.flatMap((server) =>
            server.log().filter(({ msg }) => msg === 'migration applied'),
          );
          const tries = fresh.flatMap((server) =>
            server.log().filter(({ msg }) => String(msg).includes('it is tried again')),
          );
          const readiness = await Promise.all(old.map(({ url }) => readyAt(url)));
          say(`migrated by ${migrated.length} of them, after ${tries.length} tries in vain`);
          say(`N says ready: ${readiness.join(' ')}; N + 1 is ready`);
          stage.reroute();
          await sleep(2_000);
          const codes: (number | string)[] = [];
          for (const server of old) {
            codes.push(await stage.end(server, 'SIGTERM'));
            stage.reroute();
            say(`a server of N has drained, exit ${codes.at(-1)}`);
          }
          await sleep(2_000);
          await load.stop();
          await locks.stop();
          const warned = old.filter((server) => server.output().includes('compatible with it'));
          const found = await checkLedger(ledger, stage);
          const refused = ledger.kinds.get('SERVICE_UNAVAILABLE') ?? 0;
          const failed = ledger.failures.size + ledger.wrong.length + ledger.gaveUp + refused;
          return verdict(
            `failed requests ${failed} of ${[...ledger.kinds.values()].reduce((a, b) => a + b, 0)}` +
              ` (${tally(ledger.kinds)}); longest lock wait ${ms(locks.longest())}, slowest answer ` +
              `${ms(ledger.slowest.milliseconds)}; migrated once, ${tries.length} tries in vain; ${describeFindings(found)}`,
            {
              'no request failed': failed === 0,
              'one of two migrated': migrated.length === 1,
              'the migration had to wait': tries.length > 0,
              'N stays ready': readiness.every((status) => status === 200),
              'N says so in its log': warned.length === old.length,
              'no lock wait over 200 ms': locks.longest() < LOCK_LIMIT,
              'exit 0': codes.every((code) => code === 0),
              ledger: isClean(found),
            },
          );
        } finally {
          await load.stop();
          await locks.stop();
          await next.remove();
        }
      },
    ),
};

async function readyAt(url: string): Promise<number | null> {
  const upstream = openUpstream(url);
  const { status } = await upstream.send('/health/ready');
  upstream.close();
  return status;
}
