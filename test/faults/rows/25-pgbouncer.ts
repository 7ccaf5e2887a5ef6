import { setTimeout as sleep } from 'node:timers/promises';
import { pgbouncerVersion, startPgbouncer } from '../../support/pgbouncer.ts';
import { databaseUrl } from '../../support/postgres.ts';
import { checkLedger, describeFindings, isClean } from '../kit/check.ts';
import { openLedger, tally } from '../kit/ledger.ts';
import { signInDevices, startLoad } from '../kit/load.ts';
import { withStage } from '../kit/stage.ts';
import { runSuite } from '../kit/suite.ts';
import { type FaultRow, verdict } from '../row.ts';

const PEOPLE = 30;

/** Sessions are shared: what is left in one is found by somebody else. */
export const row: FaultRow = {
  number: 25,
  name: 'pgbouncer in transaction mode in front',
  run: async (run) => {
    if (pgbouncerVersion() === null) return { passes: true, figure: 'not run: pgbouncer missing' };
    const pooler = await startPgbouncer(run.postgres.url);
    try {
      return await withStage(run, { servers: 0, people: PEOPLE }, async (stage) => {
        const name = new URL(stage.databaseUrl).pathname.slice(1);
        const env = { DATABASE_URL: databaseUrl(pooler.url, name), MIGRATE_ON_START: 'true' };
        for (const _ of [1, 2]) await stage.start(env);
        stage.reroute();
        const ledger = openLedger();
        const client = { balancer: stage.balancer, ledger };
        const devices = await signInDevices(client, PEOPLE);
        stage.balancer.onTry((answer) => ledger.note(answer));
        const load = startLoad(client, { devices, people: PEOPLE });
        await sleep(run.short ? 5_000 : 30_000);
        await load.stop();
        const found = await checkLedger(ledger, stage);
        const suite = await runSuite(run.short ? SHORT : ['test/journeys'], {
          TEST_POOLER: 'pgbouncer',
        });
        const failed = ledger.wrong.length + ledger.gaveUp + ledger.failures.size;
        return verdict(
          `${pooler.version}; two servers: failed ${failed}, ${tally(ledger.kinds)}, ${describeFindings(found)}; ` +
            `journeys: ${suite.passed} passed, ${suite.failed} failed`,
          {
            'no call failed': failed === 0,
            [`the journeys (${suite.failures.slice(0, 3).join('; ')})`]:
              suite.failed === 0 && suite.passed > 0,
            ledger: isClean(found),
          },
        );
      });
    } finally {
      await pooler.stop();
    }
  },
};

const SHORT = ['test/journeys/password-reset.test.ts', 'test/journeys/two-factor/totp.test.ts'];
