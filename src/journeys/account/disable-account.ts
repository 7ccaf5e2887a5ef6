import { recordAudit } from '../../audit/record.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { revokeSessions } from '../../session/store.ts';
import { disableUser } from '../../user/credential-store.ts';
import { findUserByEmail } from '../../user/store.ts';

/**
 * Closes an account, for an operator: no password, provider or mail opens it until it is enabled
 * again, and a sign-in is told what a wrong password is told (LG-1). Every session ends at its next
 * request; a service that checks access tokens by itself takes one for up to ACCESS_TOKEN_TTL more.
 *
 * @param email in canonical form
 * @returns how many sessions ended
 * @throws NotFoundError when there is no such account that is not closed already
 */
export async function disableAccount(
  deps: Pick<Deps, 'db' | 'clock' | 'random'>,
  email: string,
): Promise<number> {
  const person = await findUserByEmail(deps.db, email);
  if (!person) throw new NotFoundError();
  const userId = person.id;
  const now = deps.clock.now();
  return await transaction(deps.db, async (tx) => {
    if (!(await disableUser(tx, { userId, now }))) throw new NotFoundError();
    await recordAudit(deps, tx, { type: 'ACCOUNT_DISABLED', userId, actorId: null, client: null });
    return await revokeSessions(tx, { userId, now, because: 'account-disabled' });
  });
}
