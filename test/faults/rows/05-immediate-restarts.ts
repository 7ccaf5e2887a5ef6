import { surviveOutage } from '../kit/outage.ts';
import type { FaultRow } from '../row.ts';

/** What is committed stays, and what was cut is tried again. */
export const row: FaultRow = {
  number: 5,
  name: 'Postgres restarted at once, without a goodbye',
  run: (run) =>
    surviveOutage(run, {
      begin: () => run.postgres.crash(),
      end: () => run.postgres.start(),
      lasts: 0,
      times: run.short ? 2 : 20,
      recoveryLimit: 2_000,
    }),
};
