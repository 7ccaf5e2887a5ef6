import { recordAudit } from '../../audit/record.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { enableUser } from '../../user/credential-store.ts';
import { findUserByEmail } from '../../user/store.ts';

/**
 * Opens an account that an operator had closed, with the password and the factors it had.
 *
 * @param email in canonical form
 * @throws NotFoundError when there is no such account that is closed
 */
export async function enableAccount(
  deps: Pick<Deps, 'db' | 'clock' | 'random'>,
  email: string,
): Promise<void> {
  const person = await findUserByEmail(deps.db, email);
  if (!person) throw new NotFoundError();
  const userId = person.id;
  const now = deps.clock.now();
  await transaction(deps.db, async (tx) => {
    if (!(await enableUser(tx, { userId, now }))) throw new NotFoundError();
    await recordAudit(deps, tx, { type: 'ACCOUNT_ENABLED', userId, actorId: null, client: null });
  });
}
