import { recordAudit } from '../../audit/record.ts';
import { run } from '../../db/executor.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { enableUser } from '../../user/credential-store.ts';
import { NoSuchAccountError } from '../../user/errors.ts';
import { findUserByEmail, lockUserForUpdate } from '../../user/store.ts';

/**
 * Enables an account that an operator had disabled, with the password and the factors it had. Nothing is
 * written for an account that is already enabled.
 *
 * @param email in canonical form
 * @throws NoSuchAccountError
 */
export async function enableAccount(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'act'>,
  email: string,
): Promise<{ readonly isChanged: boolean }> {
  const person = await run(deps.db, findUserByEmail(email));
  if (!person) throw new NoSuchAccountError();
  const userId = person.id;
  const now = deps.clock.now();
  return await transaction(deps.db, async (tx) => {
    if (!(await run(tx, lockUserForUpdate(userId)))) throw new NoSuchAccountError();
    if (!(await run(tx, enableUser({ userId, now })))) return { isChanged: false };
    await run(
      tx,
      recordAudit(deps, { type: 'ACCOUNT_ENABLED', userId, actorId: null, client: null }),
    );
    return { isChanged: true };
  });
}
