import { setTimeout as sleep } from 'node:timers/promises';
import { checkLedger, describeFindings, isClean } from '../kit/check.ts';
import { ms, percentile, within } from '../kit/figures.ts';
import { openLedger } from '../kit/ledger.ts';
import { signInDevices, startLoad } from '../kit/load.ts';
import { copies, fillOutbox, SECRET, waitingMails } from '../kit/outbox.ts';
import { withStage } from '../kit/stage.ts';
import { type FaultRow, verdict } from '../row.ts';

/** So many that nobody signs in often enough to lose the first session to the cap (SE-5). */
const PEOPLE = 100;
const BASELINE = 15_000;
const RATE = 20;

/** Lanes run side by side, and a straggler is overtaken: order holds to within some places. */
const PLACES = 32;

/** Mails that were put back when the server went away stand behind the others; so few at most. */
const PUT_BACK = 16;

/** The mail server was away for a night. */
export const row: FaultRow = {
  number: 11,
  name: 'a backlog of mails',
  run: (run) => {
    const backlog = run.short ? 600 : 10_000;
    const env = { SECRET_KEYS: SECRET.toString('base64') };
    return withStage(run, { people: PEOPLE, env }, async (stage) => {
      const { sink } = stage;
      const ledger = openLedger();
      const client = { balancer: stage.balancer, ledger };
      await sink.stop();
      await fillOutbox(stage, backlog);
      const devices = await signInDevices(client, PEOPLE);
      const load = startLoad(client, { devices, people: PEOPLE });
      await sleep(run.short ? 5_000 : BASELINE);
      const asked = performance.now();
      await sink.start();
      while (sink.mails.length === 0) await sleep(20);
      const began = performance.now();
      while ((await waitingMails(stage)) > 0) await sleep(100);
      const ended = performance.now();
      await load.stop();
      const found = await checkLedger(ledger, stage);
      const perSecond = backlog / ((ended - began) / 1000);
      const numbers = sink.mails.flatMap(({ to }) => to).map((to) => Number(/\d+/.exec(to)?.[0]));
      const backlogged = numbers.filter((_, index) =>
        sink.mails[index]?.to[0]?.startsWith('backlog-'),
      );
      const sorted = backlogged.toSorted((a, b) => a - b);
      const places = backlogged.map((number, place) => Math.abs(sorted.indexOf(number) - place));
      const displaced = places.filter((off) => off > PLACES).length;
      const { refresh, viewer } = load.timings;
      const p99 = (from: number, to: number) =>
        percentile([...within(refresh, from, to), ...within(viewer, from, to)], 0.99);
      const [quiet, busy] = [p99(asked - BASELINE, asked), p99(began, ended)];
      return verdict(
        `${backlog} mails, the first ${ms(began - asked)} after recovery, then ` +
          `${perSecond.toFixed(0)}/s; out of place ${displaced}; p99 of viewer and refresh ` +
          `${ms(quiet)} → ${ms(busy)}; twice: ${copies(sink).extra}; ${describeFindings(found)}`,
        {
          '20 a second': perSecond >= RATE,
          'oldest first': displaced <= PUT_BACK,
          'none twice': copies(sink).extra === 0,
          'p99 within a fifth': busy <= quiet * 1.2 + 15,
          'no call failed': ledger.wrong.length + ledger.gaveUp === 0,
          ledger: isClean(found),
        },
      );
    });
  },
};
