import { setTimeout as sleep } from 'node:timers/promises';
import { REFRESH } from '../../support/journeys.ts';
import { isUnavailable } from '../kit/balancer.ts';
import { checkLedger, describeFindings, isClean } from '../kit/check.ts';
import { ms, percentile, within } from '../kit/figures.ts';
import { openLedger, tally } from '../kit/ledger.ts';
import { signInDevices, startLoad } from '../kit/load.ts';
import { withStage } from '../kit/stage.ts';
import { watchStalls } from '../kit/stalls.ts';
import { type FaultRow, verdict } from '../row.ts';

const PEOPLE = 40;

/** lock_timeout is 2 s; the rest is the way there and back. */
const REFUSED_WITHIN = 2_500;

/** Of the others' p99, with a few milliseconds that are no trend. */
const CHANGE = 1.2;
const NOISE = 5;

/** An operator's psql holds one session's row: its owner is answered "not now", all others notice nothing. */
export const row: FaultRow = {
  number: 9,
  name: 'a locked session row',
  run: (run) =>
    withStage(run, { people: PEOPLE }, async (stage) => {
      const ledger = openLedger();
      const client = { balancer: stage.balancer, ledger };
      const [held, ...others] = await signInDevices(client, PEOPLE);
      if (!held) throw new TypeError('Nobody is signed in.');
      const seconds = run.short ? 6 : 30;
      stage.balancer.onTry((answer) => ledger.note(answer));
      const stalls = watchStalls();
      const load = startLoad(client, { devices: others, people: PEOPLE, share: run.share });
      await sleep(seconds * 1000);
      const began = performance.now();
      const refusals: number[] = [];
      let refusedRight = true;
      await stage.sql.begin(async (tx) => {
        await tx`select from sessions where id = ${held.sessionId} for update`;
        while (performance.now() - began < seconds * 1000) {
          const input = { refreshToken: held.refreshToken };
          const answer = await stage.balancer.once(REFRESH, { input });
          refusedRight &&= isUnavailable(answer);
          refusals.push(answer.milliseconds);
        }
      });
      await load.stop();
      stalls.stop();
      const found = await checkLedger(ledger, stage);
      const p99 = (kind: 'refresh' | 'viewer') => {
        const before = percentile(within(load.timings[kind], 0, began), 0.99);
        const during = percentile(within(load.timings[kind], began), 0.99);
        return { before, during, holds: during <= before * CHANGE + NOISE };
      };
      const [rotations, views] = [p99('refresh'), p99('viewer')];
      const slowest = Math.max(...refusals);
      return verdict(
        `${refusals.length} tries of its owner, each 503 within ${ms(slowest)}; others' p99: refresh ` +
          `${ms(rotations.before)} -> ${ms(rotations.during)}, viewer ${ms(views.before)} -> ` +
          `${ms(views.during)} (stalls to ${ms(stalls.longest())}); ${tally(ledger.kinds)}; ${describeFindings(found)}`,
        {
          'its owner is answered 503': refusedRight && refusals.length > 0,
          'within 2.5 s': slowest <= REFUSED_WITHIN + stalls.longest(),
          'others notice nothing': run.short || stalls.isBusy() || (rotations.holds && views.holds),
          'no wrong answer': ledger.wrong.length === 0 && ledger.failures.size === 0,
          ledger: isClean(found),
        },
      );
    }),
};
