import { emailOf } from '../../../bench/lib/seed.ts';
import { REFRESH } from '../../support/journeys.ts';
import { kindOf } from '../kit/balancer.ts';
import { signIn } from '../kit/device.ts';
import { type Device, openLedger } from '../kit/ledger.ts';
import type { Journey } from '../kit/steps.ts';

/** One device's refreshes, one after the other. */
export function rotation(): Journey {
  let device: Device | null = null;
  return {
    name: 'refreshToken',
    async prepare({ standing }) {
      device ??= await signIn({ balancer: standing, ledger: openLedger() }, emailOf(1));
      if (!device) throw new Error('Nobody could sign in.');
      const holder = device;
      const held = { input: { refreshToken: holder.refreshToken } };
      return {
        call: (through) => through.once(REFRESH, held),
        async check(again) {
          if (kindOf(again) !== 'SignedIn') return ['the holder cannot go on'];
          const { refreshToken } = again.value;
          const third = await standing.call(REFRESH, held);
          const next = await standing.call(REFRESH, { input: { refreshToken } });
          if (kindOf(next) === 'SignedIn') holder.refreshToken = next.value.refreshToken;
          return [
            ...(third.value?.refreshToken === refreshToken ? [] : ['two live successors']),
            ...(kindOf(next) === 'SignedIn' ? [] : ['the successor is dead']),
          ];
        },
      };
    },
  };
}
