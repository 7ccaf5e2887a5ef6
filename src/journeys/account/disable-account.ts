import { recordAudit } from '../../audit/record.ts';
import { run } from '../../db/executor.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { revokeSessions } from '../../session/store.ts';
import { disableUser } from '../../user/credential-store.ts';
import { NoSuchAccountError } from '../../user/errors.ts';
import { findUserByEmail, lockUserForUpdate } from '../../user/store.ts';

/**
 * Disables an account, for an operator. No password, provider or mail gives access until it is enabled again,
 * and a sign-in gets the answer of a wrong password (LG-1). Every session ends at its next request. A service
 * that verifies access tokens by itself accepts one for up to ACCESS_TOKEN_TTL longer.
 *
 * Nothing is written for an account that is already disabled.
 *
 * @param email in canonical form
 * @throws NoSuchAccountError
 */
export async function disableAccount(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'act'>,
  email: string,
): Promise<{ readonly isChanged: boolean; readonly sessionsEnded: number }> {
  const person = await run(deps.db, findUserByEmail(email));
  if (!person) throw new NoSuchAccountError();
  const userId = person.id;
  const now = deps.clock.now();
  return await transaction(deps.db, async (tx) => {
    // The person has deleted the account in the meantime.
    if (!(await run(tx, lockUserForUpdate(userId)))) throw new NoSuchAccountError();
    if (!(await run(tx, disableUser({ userId, now }))))
      return { isChanged: false, sessionsEnded: 0 };
    await run(
      tx,
      recordAudit(deps, { type: 'ACCOUNT_DISABLED', userId, actorId: null, client: null }),
    );
    const sessionsEnded = await run(
      tx,
      revokeSessions({ userId, now, because: 'account-disabled' }),
    );
    return { isChanged: true, sessionsEnded };
  });
}
