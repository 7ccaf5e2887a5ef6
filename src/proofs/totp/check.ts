import type { TotpFactor } from '../../db/tables/second-factor.ts';
import type { Deps } from '../../deps.ts';
import { isAheadOfTime, matchStep } from './otp.ts';
import { openTotpSecret } from './sealed-secret.ts';

/** A code that is right for now. Only who claims its step has used it. */
export type TotpMatch = { readonly id: string; readonly step: number };

/**
 * Judges a code by the factor's secret, without using it up.
 *
 * @returns null when it belongs to no step around now, or the clock has gone back behind the last
 *   step that was used: then nothing can be right until time catches up (TO-8)
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
