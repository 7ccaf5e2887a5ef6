import { run } from '../db/executor.ts';
import type { SigningKeyRow } from '../db/tables/signing-key.ts';
import type { Deps } from '../deps.ts';
import { selectSigningKeys } from './store.ts';
import { isExpired, signingAt, type ValidityPeriod, validityPeriods } from './timeline.ts';

/** A signing key as `keys list` shows it. */
export type SigningKeyListing = {
  readonly kid: string;
  readonly state: SigningKeyState;
  readonly createdAt: Date;
  readonly activeFrom: Date;
  readonly retiredAt: Date | null;
  readonly revokedAt: Date | null;
  /** True if it is sealed with a root secret that is not the newest of SECRET_KEYS. */
  readonly sealIsStale: boolean;
};

/**
 * waiting: published, signs later. retired: signs no longer, its last tokens are still accepted.
 * expired: its tokens are no longer accepted; its row will be deleted.
 */
type SigningKeyState = 'waiting' | 'signing' | 'retired' | 'expired' | 'revoked';

/** Lists every stored key, in the order in which they sign. */
export async function listSigningKeys(
  deps: Pick<Deps, 'db' | 'clock' | 'keyring'>,
): Promise<readonly SigningKeyListing[]> {
  const now = deps.clock.now();
  const rows = await run(deps.db, selectSigningKeys());
  const signing = signingAt(rows, now);
  return validityPeriods(rows).map((period) => ({
    kid: period.key.kid,
    state: period.key === signing ? 'signing' : stateOf(period, now),
    createdAt: period.key.createdAt,
    activeFrom: period.key.activeFrom,
    retiredAt: period.retiredAt,
    revokedAt: period.key.revokedAt,
    sealIsStale: deps.keyring.isStale(period.key.sealedPrivateKey),
  }));
}

function stateOf(period: ValidityPeriod<SigningKeyRow>, now: Date): SigningKeyState {
  if (period.key.revokedAt) return 'revoked';
  if (period.key.activeFrom > now) return 'waiting';
  return isExpired(period, now) ? 'expired' : 'retired';
}
