import { surviveOutage } from '../kit/outage.ts';
import type { FaultRow } from '../row.ts';

/** Away for a minute: everything says "not now", and nobody is signed out. */
export const row: FaultRow = {
  number: 6,
  name: 'Postgres down',
  run: (run) =>
    surviveOutage(run, {
      begin: () => run.postgres.stop(),
      end: () => run.postgres.start(),
      lasts: run.short ? 4_000 : 60_000,
      recoveryLimit: 2_000,
      unreadyLimit: 2_000,
      memoryLimit: 50,
    }),
};
