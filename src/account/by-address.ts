import { type Executor, run } from '../db/executor.ts';
import type { User } from '../db/tables/user.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { NoSuchAccountError } from '../user/errors.ts';
import { findUserByEmail, lockUserForUpdate } from '../user/store.ts';

/**
 * Runs an operator's act on the account of an address, with the person locked.
 *
 * @param email in canonical form
 * @throws NoSuchAccountError
 */
export async function onAccountOf<T>(
  deps: Pick<Deps, 'db'>,
  email: string,
  work: (tx: Executor, person: User) => Promise<T>,
): Promise<T> {
  const found = await run(deps.db, findUserByEmail(email));
  if (!found) throw new NoSuchAccountError();
  return await transaction(deps.db, async (tx) => {
    // The person may have deleted the account in the meantime, or changed its address: mails go to the current one.
    const person = await run(tx, lockUserForUpdate(found.id));
    if (!person) throw new NoSuchAccountError();
    return await work(tx, person);
  });
}
