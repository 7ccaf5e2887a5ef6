import { recordAudit } from '../../audit/record.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { revokeSessions } from '../../session/store.ts';
import { disableUser } from '../../user/credential-store.ts';
import { NoSuchAccountError } from '../../user/errors.ts';
import { findUserByEmail, lockUser } from '../../user/store.ts';

/**
 * Closes an account, for an operator: no password, provider or mail opens it until it is enabled
 * again, and a sign-in is told what a wrong password is told (LG-1). Every session ends at its next
 * request; a service that checks access tokens by itself takes one for up to ACCESS_TOKEN_TTL more.
 *
 * An account that is closed already stays so, and nothing is written.
 *
 * @param email in canonical form
 * @throws NoSuchAccountError
 */
export async function disableAccount(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'operator'>,
  email: string,
): Promise<{ readonly isChanged: boolean; readonly sessionsEnded: number }> {
  const person = await findUserByEmail(deps.db, email);
  if (!person) throw new NoSuchAccountError();
  const userId = person.id;
  const now = deps.clock.now();
  return await transaction(deps.db, async (tx) => {
    // A person who has deleted their account since is not there any more.
    if (!(await lockUser(tx, userId))) throw new NoSuchAccountError();
    if (!(await disableUser(tx, { userId, now }))) return { isChanged: false, sessionsEnded: 0 };
    await recordAudit(deps, tx, { type: 'ACCOUNT_DISABLED', userId, actorId: null, client: null });
    const sessionsEnded = await revokeSessions(tx, { userId, now, because: 'account-disabled' });
    return { isChanged: true, sessionsEnded };
  });
}
