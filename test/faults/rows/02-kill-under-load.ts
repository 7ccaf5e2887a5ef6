import { setTimeout as sleep } from 'node:timers/promises';
import { checkLedger, describeFindings, isClean } from '../kit/check.ts';
import { ms, percentile } from '../kit/figures.ts';
import { openLedger, tally } from '../kit/ledger.ts';
import { NORMAL, signInDevices, startLoad } from '../kit/load.ts';
import { withStage } from '../kit/stage.ts';
import { type FaultRow, verdict } from '../row.ts';

const PEOPLE = 40;

/** Several calls under way at any moment, so that a kill cuts some. */
const RATES = { ...NORMAL, refresh: 100 };

const READY_LIMIT = 3_000;

/** The process dies at a random moment, again and again, and comes back on the same database. */
export const row: FaultRow = {
  number: 2,
  name: 'kill -9 under load',
  run: (run) =>
    withStage(run, { people: PEOPLE }, async (stage) => {
      const ledger = openLedger();
      const { balancer } = stage;
      const client = { balancer, ledger };
      const devices = await signInDevices(client, PEOPLE);
      balancer.onTry((answer) => ledger.note(answer));
      const kills = run.short ? 5 : 50;
      const starts: number[] = [];
      const load = startLoad(client, { devices, people: PEOPLE, share: run.share, rates: RATES });
      for (let kill = 0; kill < kills; kill += 1) {
        await sleep(200 + Math.random() * 600);
        const [server] = stage.servers;
        if (server) await stage.end(server, 'SIGKILL');
        starts.push((await stage.start()).readyAfter);
        stage.reroute();
      }
      await sleep(500);
      await load.stop();
      const found = await checkLedger(ledger, stage);
      const slowest = Math.max(...starts);
      return verdict(
        `${kills} kills, ready after ${ms(percentile(starts, 0.5))} (at most ${ms(slowest)}); ` +
          `${ledger.devices.length} sessions, ${tally(ledger.kinds)}, cut ${tally(ledger.failures)}; ${describeFindings(found)}`,
        {
          'ready within 3 s': run.short || slowest < READY_LIMIT,
          'no wrong answer': ledger.wrong.length === 0,
          'some calls were cut': ledger.failures.size > 0,
          ledger: isClean(found),
        },
      );
    }),
};
