import { surviveOutage } from '../kit/outage.ts';
import type { FaultRow } from '../row.ts';

/**
 * It accepts and never answers: the case in which a plain driver waits for ever. Longer than the replay
 * window (RR-5): what it was sent before the freeze it still does after it.
 */
export const row: FaultRow = {
  number: 7,
  name: 'Postgres frozen',
  run: (run) =>
    surviveOutage(run, {
      begin: () => run.postgres.freeze(),
      end: async () => run.postgres.thaw(),
      lasts: run.short ? 4_000 : 35_000,
      recoveryLimit: 2_000,
    }),
};
