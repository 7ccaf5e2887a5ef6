import { fitsInToken } from '../access-token/custom-claims.ts';
import { type Executor, run } from '../db/executor.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import { namesAndPermissions } from '../role/held.ts';
import { rolesOfUser } from '../role/store.ts';
import { changeProfile } from '../user/store.ts';

/**
 * Gives a person the name that they typed, if their access token can carry it beside the roles and attributes that
 * administrators gave to the account. Otherwise a person could make their token lose the claims by which a service
 * refuses them something (CL-3). The proof was valid, so a name that does not fit is left out, and nothing is refused.
 *
 * Call it with the person locked, and after their roles were written.
 *
 * @param name null leaves the name as it is
 */
export async function setNameThatFits(
  { clock, config }: Pick<Deps, 'clock' | 'config'>,
  tx: Executor,
  user: User,
  name: string | null,
): Promise<User> {
  if (name === null) return user;
  const roles = namesAndPermissions(await run(tx, rolesOfUser(user.id)));
  if (!fitsInToken(config, { user: { ...user, name }, roles })) return user;
  const profile = { name };
  return (await run(tx, changeProfile({ userId: user.id, profile, now: clock.now() }))) ?? user;
}
