import type { TotpFactor } from '../../db/tables/second-factor.ts';
import type { Deps } from '../../deps.ts';
import { isAheadOfTime, matchStep } from './otp.ts';
import { openTotpSecret } from './sealed-secret.ts';

/** A code that is right at this time. It is not used until its step is claimed. */
export type TotpMatch = { readonly id: string; readonly step: number };

/**
 * Verifies a code with the factor's secret, without using it up.
 *
 * @returns null if it belongs to no current step, or if the clock was set back behind the last used step:
 *   then no code is valid until the time catches up (TO-8)
 */
export function checkTotp(
  deps: Pick<Deps, 'clock' | 'keyring' | 'log'>,
  factor: TotpFactor,
  code: string,
): TotpMatch | null {
  const now = deps.clock.now();
  if (isAheadOfTime(factor.lastStep, now)) {
    deps.log.warn(
      { userId: factor.userId, lastStep: factor.lastStep },
      'clock behind last authenticator code',
    );
    return null;
  }
  const secret = openTotpSecret(deps.keyring, factor.userId, factor.sealedSecret);
  const step = matchStep(secret, code, now);
  return step === null ? null : { id: factor.id, step };
}
