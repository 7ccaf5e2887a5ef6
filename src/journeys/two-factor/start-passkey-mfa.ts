import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import { sha256 } from '../../kernel/secret.ts';
import { type PasskeyRequest, requestPasskey } from '../../proofs/passkey/request.ts';
import { listPasskeys } from '../../proofs/passkey/store.ts';
import { findLiveChallenge } from '../../proofs/second-factor/challenge-store.ts';
import { enrolledSecondFactors, offeredMethods } from '../../proofs/second-factor/enrolled.ts';
import { ChallengeExpiredError, MfaNotEnabledError } from '../../proofs/second-factor/errors.ts';

/**
 * Starts a proof with a passkey for a challenge. It belongs to that challenge alone and expires with it (PK-1a).
 * It names the person's passkeys, which only somebody who has proven their first factor can learn (PK-4c).
 *
 * @throws ChallengeExpiredError; MfaNotEnabledError if this challenge offers no passkey
 */
export async function startPasskeyMfa(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'config'>,
  challengeToken: string,
): Promise<PasskeyRequest> {
  const now = deps.clock.now();
  const live = await run(deps.db, findLiveChallenge({ tokenHash: sha256(challengeToken), now }));
  if (!live) throw new ChallengeExpiredError();
  const { challenge, user } = live;
  const factors = await run(deps.db, enrolledSecondFactors(user.id));
  const offered = offeredMethods(deps.config, factors, [challenge.firstFactor], user);
  if (!offered.includes('PASSKEY')) throw new MfaNotEnabledError();
  const own = await run(deps.db, listPasskeys(user.id));
  const { id: boundTo, expiresAt } = challenge;
  return requestPasskey(deps, { purpose: 'second-factor', boundTo, expiresAt, own });
}
