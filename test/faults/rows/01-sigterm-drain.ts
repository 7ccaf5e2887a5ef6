import { setTimeout as sleep } from 'node:timers/promises';
import { checkLedger, describeFindings, isClean } from '../kit/check.ts';
import { ms, percentile, within } from '../kit/figures.ts';
import { openLedger, tally } from '../kit/ledger.ts';
import { signInDevices, startLoad } from '../kit/load.ts';
import { withStage } from '../kit/stage.ts';
import { type FaultRow, verdict } from '../row.ts';

const PEOPLE = 40;

/** An orchestrator's own limit is 30 s; the server stays well under it. */
const EXIT_LIMIT = 10_000;

/** One of two instances gets SIGTERM, as in every deployment: no client notices. */
export const row: FaultRow = {
  number: 1,
  name: 'SIGTERM drain under load',
  run: (run) =>
    withStage(run, { servers: 2, people: PEOPLE }, async (stage) => {
      const ledger = openLedger();
      const { balancer } = stage;
      const client = { balancer, ledger };
      const devices = await signInDevices(client, PEOPLE);
      balancer.onTry((answer) => ledger.note(answer));
      const exits: number[] = [];
      const codes: (number | string)[] = [];
      const waits: number[] = [];
      for (let round = 0; round < (run.short ? 1 : 5); round += 1) {
        const load = startLoad(client, { devices, people: PEOPLE, share: run.share });
        await sleep(1_000);
        const [leaving] = stage.servers;
        if (!leaving) throw new TypeError('There is no server to end.');
        const asked = performance.now();
        codes.push(await stage.end(leaving, 'SIGTERM'));
        exits.push(performance.now() - asked);
        await sleep(500);
        await load.stop();
        waits.push(...within(load.timings.refresh, asked));
        stage.reroute();
        await stage.start();
        stage.reroute();
      }
      const found = await checkLedger(ledger, stage);
      const slowest = Math.max(...exits);
      return verdict(
        `${exits.length} drains, exit ${codes.join(' ')} within ${ms(slowest)}; ` +
          `${tally(ledger.kinds)}; resets: ${tally(ledger.failures) || 0}; ` +
          `refresh p99 meanwhile ${ms(percentile(waits, 0.99))}; ${describeFindings(found)}`,
        {
          'no connection failed': ledger.failures.size === 0,
          'every call got through': ledger.gaveUp === 0 && ledger.wrong.length === 0,
          'exit 0': codes.every((code) => code === 0),
          'within 10 s': slowest < EXIT_LIMIT,
          ledger: isClean(found),
        },
      );
    }),
};
