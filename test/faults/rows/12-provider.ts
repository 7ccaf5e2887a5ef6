import { ms } from '../kit/figures.ts';
import { runSuite } from '../kit/suite.ts';
import { type FaultRow, verdict } from '../row.ts';

/** The provider is another process's failure already: what its tests do is what this row wants. */
export const row: FaultRow = {
  number: 12,
  name: 'provider down, slow, talking nonsense, 5 MB, new keys',
  run: async () => {
    const { passed, failed, failures, slowest } = await runSuite([
      'test/journeys/social/provider-faults.slow.test.ts',
    ]);
    return verdict(`${passed} of ${passed + failed} cases, the slowest ${ms(slowest)}`, {
      [`every case (${failures.slice(0, 3).join('; ')})`]: failed === 0 && passed > 0,
    });
  },
};
