import { run } from '../../db/executor.ts';
import type { Statement } from '../../db/statement.ts';
import type { OneTimeToken } from '../../db/tables/one-time-token.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import type { PresentedProof } from '../../kernel/proof.ts';
import { equal, sha256 } from '../../kernel/secret.ts';
import { codeMacs } from './code.ts';
import type { Purpose } from './purpose.ts';
import {
  findLiveByEmail,
  findLiveByToken,
  type Holder,
  listAddressCodes,
  type ProofRow,
  spend,
  verifyStoredCode,
} from './store.ts';

/** A valid proof that has not been used yet. */
export type CheckedProof = ProofRow & { readonly purpose: Purpose };

/**
 * Verifies a proof without using it up, so that expensive work (a password hash) is only done for a valid one.
 * A wrong code is counted and stays counted, so call it outside any transaction.
 *
 * @param holder a proof of anybody else is not verified at all: a signed-in person must not be able to use up
 *   the attempts at another person's code, nor those of another session (EO-3)
 * @returns null for a proof that is wrong, used, expired, replaced or of another purpose
 */
export async function checkOneTimeToken(
  deps: Pick<Deps, 'db' | 'clock' | 'keyring'>,
  purpose: Purpose,
  presented: PresentedProof,
  holder: Holder | null = null,
): Promise<CheckedProof | null> {
  const now = deps.clock.now();
  if ('token' in presented) {
    const tokenHash = sha256(presented.token);
    const row = await run(deps.db, findLiveByToken({ purpose, tokenHash, holder, now }));
    return row && { ...row, purpose };
  }
  const { email, code } = presented.code;
  const row = await run(deps.db, findLiveByEmail({ purpose, email, holder, now }));
  if (!row) return null;
  const macs = codeMacs(deps.keyring, { id: row.id, purpose, email, code });
  const isRight = await run(
    deps.db,
    verifyStoredCode({ id: row.id, purpose, codeMacs: macs, now }),
  );
  return isRight ? { ...row, purpose } : null;
}

/**
 * Verifies the code of a mail that verifies an address. Its attempts belong to the registration and not to the
 * code: a new code does not reset them. Count them before the call.
 *
 * @param presented.holder the registration or account whose token came with the code
 */
export async function checkAddressCode(
  deps: Pick<Deps, 'db' | 'clock' | 'keyring'>,
  presented: { readonly email: string; readonly code: string; readonly holder: string },
): Promise<CheckedProof | null> {
  const purpose = 'verify-email';
  const { email, code } = presented;
  const live = await run(deps.db, listAddressCodes({ ...presented, now: deps.clock.now() }));
  const right = live.find(({ id, codeMac }) =>
    codeMacs(deps.keyring, { id, purpose, email, code }).some((mac) => equal(mac, codeMac)),
  );
  return right ? { ...right, purpose } : null;
}

/**
 * Uses a verified proof up, in the transaction of what it allows.
 *
 * @returns null if another call was faster
 */
export function spendOneTimeToken(
  deps: Pick<Deps, 'clock'>,
  proof: CheckedProof,
): Statement<OneTimeToken | null> {
  const { id, purpose } = proof;
  return spend({ id, purpose, now: deps.clock.now() });
}

/**
 * True while the mail of a reset is valid for a person: it was sent to their address, under their current
 * credentials. Its row names no person, so a change of credentials voids it by the version alone.
 */
export function isResetFor(
  user: Pick<User, 'email' | 'credentialVersion' | 'disabledAt'>,
  proof: Pick<OneTimeToken, 'email' | 'credentialVersion'>,
): boolean {
  return (
    proof.email === user.email &&
    proof.credentialVersion === user.credentialVersion &&
    user.disabledAt === null
  );
}

/**
 * True while the mail of a sign-in is valid for a person: it was sent to their address, under their current
 * credentials. Whoever claimed an address before its owner could change the credentials of that account again
 * and again. So for an unverified address the version does not count: the sign-in takes the account over (PR-8).
 */
export function isSignInFor(
  user: Pick<User, 'email' | 'emailVerifiedAt' | 'credentialVersion' | 'disabledAt'>,
  proof: Pick<OneTimeToken, 'email' | 'credentialVersion'>,
): boolean {
  const isUnchanged =
    user.emailVerifiedAt === null || proof.credentialVersion === user.credentialVersion;
  return proof.email === user.email && isUnchanged && user.disabledAt === null;
}
