import { surviveOutage } from '../kit/outage.ts';
import type { Stage } from '../kit/stage.ts';
import type { WireMode } from '../kit/wire.ts';
import type { FaultRow } from '../row.ts';

const to = (kind: 'cut' | 'pass') => async (stage: Stage) => {
  const mode: WireMode = { kind };
  if (stage.wire) stage.wire.mode = mode;
};

/**
 * Every packet between server and database is lost, both ways, without a FIN or an RST: what a
 * firewall's DROP does. What was sent arrives when it heals, as TCP would have it.
 */
export const row: FaultRow = {
  number: 21,
  name: 'network cut to Postgres',
  run: (run) =>
    surviveOutage(
      run,
      {
        begin: to('cut'),
        end: to('pass'),
        lasts: run.short ? 4_000 : 20_000,
        recoveryLimit: 5_000,
      },
      { wired: true },
    ),
};
