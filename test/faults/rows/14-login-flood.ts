import { availableParallelism } from 'node:os';
import { describeFindings, isClean } from '../kit/check.ts';
import { ms } from '../kit/figures.ts';
import { type Flooded, flood } from '../kit/flood.ts';
import { watchStalls } from '../kit/stalls.ts';
import { type FaultRow, verdict } from '../row.ts';

/** Memory of one hash, and what thousands of requests leave behind (MB). */
const HASH_MEMORY = 19;
const GARBAGE = 100;

/** What is refused at first is answered by code that has not run before (ADR-0007), ms. */
const FIRST_LIMIT = 500;
const LIMIT = 50;

/**
 * 200 people sign in at once, again and again, as the server lets them; others refresh and look. In
 * the full form also with one hash less at once, since hashes and the server's own thread share the
 * cores.
 */
export const row: FaultRow = {
  number: 14,
  name: 'a flood of sign-ins',
  run: async (run) => {
    const stalls = watchStalls();
    const cores = availableParallelism();
    const seconds = run.short ? 10 : 60;
    const flooded = await flood(run, cores, seconds);
    const beside = run.short || cores === 1 ? null : await flood(run, cores - 1, seconds);
    stalls.stop();
    const { viewer, refresh, refused, refusedAtFirst, delay } = flooded;
    const { idle, highest, ledger, found } = flooded;
    const timely = (holds: boolean) => stalls.isBusy() || holds;
    const note = stalls.isBusy() ? ', machine busy: no time and no rate counts' : '';
    return verdict(
      `${describeFlood(cores, flooded)}${beside ? `; ${describeFlood(cores - 1, beside)}` : ''} ` +
        `(stalls to ${ms(stalls.longest())}${note}); ${describeFindings(found)}`,
      {
        memory: highest <= idle + cores * HASH_MEMORY + GARBAGE,
        'refresh below 50 ms': timely(refresh < 50),
        'viewer below 30 ms': timely(viewer < 30),
        'the first herd refused at once': timely(refusedAtFirst < FIRST_LIMIT),
        'refused below 50 ms': timely(refused < LIMIT),
        'event loop below 20 ms': timely(delay < 20),
        'goodput 90 %': timely(shareOf(flooded) >= 0.9),
        'somebody was refused': flooded.refusals > 0,
        [`only right answers (${ledger.wrong.slice(0, 3).join('; ')})`]: ledger.wrong.length === 0,
        ledger: isClean(found),
      },
    );
  },
};

function shareOf({ goodput, bare }: Flooded): number {
  return goodput / ((bare[0] + bare[1]) / 2);
}

function describeFlood(concurrency: number, flooded: Flooded): string {
  const { viewer, refresh, refused, refusedAtFirst, refusals, unavailable } = flooded;
  const { goodput, delay, idle, highest } = flooded;
  const bare = flooded.bare.map((rate) => rate.toFixed(0)).join(' and ');
  return (
    `${concurrency} hashes at once: ${goodput.toFixed(0)} sign-ins/s, ` +
    `${(100 * shareOf(flooded)).toFixed(0)} % of ${bare}; refresh p99 ${ms(refresh)}, viewer ` +
    `${ms(viewer)}, ${refusals} refused, the first herd p99 ${ms(refusedAtFirst)}, the others ` +
    `${ms(refused)}, ${unavailable} × 503, event loop p99 ` +
    `${ms(delay)}, RSS ${idle.toFixed(0)} to ${highest.toFixed(0)} MB`
  );
}
