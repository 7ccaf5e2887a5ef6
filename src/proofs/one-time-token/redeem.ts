import type { Executor } from '../../db/driver/client.ts';
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
  judgeCode,
  listAddressCodes,
  type ProofRow,
  spend,
} from './store.ts';

/** A proof that was found right and is not used up yet. */
export type CheckedProof = ProofRow & { readonly purpose: Purpose };

/**
 * Judges a proof without using it up, so that costly work (a password hash) is only done for a
 * right one. A wrong code is counted and stays counted: call it outside any transaction.
 *
 * @param holder a proof of anybody else is not judged at all: somebody signed in must not be able
 *   to use up the tries at another person's code, nor those of another session (EO-3)
 * @returns null for a proof that is wrong, spent, over, superseded or of another purpose
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
    const row = await findLiveByToken(deps.db, { purpose, tokenHash, holder, now });
    return row && { ...row, purpose };
  }
  const { email, code } = presented.code;
  const row = await findLiveByEmail(deps.db, { purpose, email, holder, now });
  if (!row) return null;
  const macs = codeMacs(deps.keyring, { id: row.id, purpose, email, code });
  const isRight = await judgeCode(deps.db, { id: row.id, purpose, codeMacs: macs, now });
  return isRight ? { ...row, purpose } : null;
}

/**
 * Verifies the code of a mail that proves an address. Its tries are the registration's and not the
 * code's: a new one gives none back. Count them before the call.
 *
 * @param presented.holder the registration or account whose token came with it
 */
export async function checkAddressCode(
  deps: Pick<Deps, 'db' | 'clock' | 'keyring'>,
  presented: { readonly email: string; readonly code: string; readonly holder: string },
): Promise<CheckedProof | null> {
  const purpose = 'verify-email';
  const { email, code } = presented;
  const live = await listAddressCodes(deps.db, { ...presented, now: deps.clock.now() });
  const right = live.find(({ id, codeMac }) =>
    codeMacs(deps.keyring, { id, purpose, email, code }).some((mac) => equal(mac, codeMac)),
  );
  return right ? { ...right, purpose } : null;
}

/**
 * Uses a checked proof up, in the transaction of what it allows.
 *
 * @returns null when somebody was faster
 */
export async function spendOneTimeToken(
  deps: Pick<Deps, 'clock'>,
  executor: Executor,
  proof: CheckedProof,
): Promise<OneTimeToken | null> {
  const { id, purpose } = proof;
  return await spend(executor, { id, purpose, now: deps.clock.now() });
}

/**
 * True while a reset's mail counts for a person: it went to their address, under the credentials that
 * they have now. Its row names no person, so a change of credentials voids it by the version alone.
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
