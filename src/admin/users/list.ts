import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import { scanUsers, sortUsers, type UsersFound, type UsersWanted } from './store.ts';

/**
 * Reads a page of people. A prefix has no index in the order of the list, and neither has a role in the order of sign-ins.
 * If only few people have it, all of them are sorted; otherwise the order of the list meets enough of them.
 */
export async function listUsers(
  { db }: Pick<Deps, 'db'>,
  wanted: UsersWanted,
): Promise<UsersFound> {
  const { filter, order } = wanted;
  if (filter.emailPrefix !== null) {
    const few = await run(db, sortUsers(wanted, 'emailPrefix'));
    if (few) return few;
  }
  if (filter.role !== null && order === 'LAST_SIGN_IN_DESC') {
    const few = await run(db, sortUsers(wanted, 'role'));
    if (few) return few;
  }
  return await run(db, scanUsers(wanted));
}
