import type { SigningKeyRow } from '../db/tables/signing-key.ts';
import type { Deps } from '../deps.ts';
import { selectSigningKeys } from './store.ts';
import { signingAt, type Tenure, tenures } from './timeline.ts';

/** A key as the operator sees it. */
export type SigningKeyListing = {
  readonly kid: string;
  readonly state: SigningKeyState;
  readonly createdAt: Date;
  readonly activeFrom: Date;
  readonly retiredAt: Date | null;
  readonly revokedAt: Date | null;
  /** Sealed with a root secret that is not the newest of SECRET_KEYS. */
  readonly sealIsStale: boolean;
};

/**
 * waiting: published, signs later. retired: signs no longer, its last tokens are still good.
 * over: neither; its row goes soon.
 */
type SigningKeyState = 'waiting' | 'signing' | 'retired' | 'over' | 'revoked';

/** Every stored key, in the order in which they sign. */
export async function listSigningKeys(
  deps: Pick<Deps, 'db' | 'clock' | 'keyring'>,
): Promise<readonly SigningKeyListing[]> {
  const now = deps.clock.now();
  const rows = await selectSigningKeys(deps.db);
  const signing = signingAt(rows, now);
  return tenures(rows).map((tenure) => ({
    kid: tenure.key.kid,
    state: tenure.key === signing ? 'signing' : stateOf(tenure, now),
    createdAt: tenure.key.createdAt,
    activeFrom: tenure.key.activeFrom,
    retiredAt: tenure.retiredAt,
    revokedAt: tenure.key.revokedAt,
    sealIsStale: deps.keyring.isStale(tenure.key.sealedPrivateKey),
  }));
}

function stateOf({ key, refusedFrom }: Tenure<SigningKeyRow>, now: Date): SigningKeyState {
  if (key.revokedAt) return 'revoked';
  if (key.activeFrom > now) return 'waiting';
  return refusedFrom && refusedFrom <= now ? 'over' : 'retired';
}
