import { setTimeout as sleep } from 'node:timers/promises';
import { checkLedger, describeFindings, isClean } from '../kit/check.ts';
import { ms } from '../kit/figures.ts';
import { openLedger, tally } from '../kit/ledger.ts';
import { signInDevices, startLoad } from '../kit/load.ts';
import { withStage } from '../kit/stage.ts';
import { type FaultRow, verdict } from '../row.ts';

const PEOPLE = 40;
const INTERVAL = 6_000;

/**
 * Ten restarts in a minute, kill -9 and SIGTERM in turn, some while it is still starting, each
 * start of which migrates: nothing of it stays behind.
 */
export const row: FaultRow = {
  number: 24,
  name: 'a storm of restarts',
  run: (run) => {
    const env = { MIGRATE_ON_START: 'true' };
    return withStage(run, { people: PEOPLE, env }, async (stage) => {
      const ledger = openLedger();
      const client = { balancer: stage.balancer, ledger };
      const devices = await signInDevices(client, PEOPLE);
      stage.balancer.onTry((answer) => ledger.note(answer));
      const load = startLoad(client, { devices, people: PEOPLE, share: run.share });
      const restarts = run.short ? 3 : 10;
      const startedAt = performance.now();
      for (let restart = 0; restart < restarts; restart += 1) {
        const [server] = stage.servers;
        // One more is begun and killed somewhere in its start, a migration's lock in its hand.
        const early = stage.startDoomed(Math.random() * 1_000);
        if (server) await stage.end(server, restart % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
        await stage.start();
        stage.reroute();
        await early;
        const due = startedAt + (restart + 1) * INTERVAL;
        if (!run.short) await sleep(Math.max(0, due - performance.now()));
      }
      const took = performance.now() - startedAt;
      await sleep(500);
      await load.stop();
      const found = await checkLedger(ledger, stage);
      const [left] = await stage.sql<{ locks: number; migrations: number; twice: number }[]>`
        select (select count(*) from pg_locks where locktype = 'advisory')::int as locks,
          (select count(*) from latchkey_migrations)::int as migrations,
          (select count(*) - count(distinct name) from latchkey_migrations)::int as twice`;
      return verdict(
        `${restarts} restarts in ${ms(took)}; ${tally(ledger.kinds)}, cut ${tally(ledger.failures)}; ` +
          `advisory locks left ${left?.locks}; ${describeFindings(found)}`,
        {
          'no lock left': left?.locks === 0,
          'migrations once each': left?.twice === 0 && (left?.migrations ?? 0) > 0,
          'no wrong answer': ledger.wrong.length === 0,
          ledger: isClean(found),
        },
      );
    });
  },
};
