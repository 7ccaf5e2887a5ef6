import { recordAudit } from '../../audit/record.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { enableUser } from '../../user/credential-store.ts';
import { NoSuchAccountError } from '../../user/errors.ts';
import { findUserByEmail, lockUser } from '../../user/store.ts';

/**
 * Enables an account that an operator had disabled, with the password and the factors it had. Nothing is
 * written for an account that is already enabled.
 *
 * @param email in canonical form
 * @throws NoSuchAccountError
 */
export async function enableAccount(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'operator'>,
  email: string,
): Promise<{ readonly isChanged: boolean }> {
  const person = await findUserByEmail(deps.db, email);
  if (!person) throw new NoSuchAccountError();
  const userId = person.id;
  const now = deps.clock.now();
  return await transaction(deps.db, async (tx) => {
    if (!(await lockUser(tx, userId))) throw new NoSuchAccountError();
    if (!(await enableUser(tx, { userId, now }))) return { isChanged: false };
    await recordAudit(deps, tx, { type: 'ACCOUNT_ENABLED', userId, actorId: null, client: null });
    return { isChanged: true };
  });
}
