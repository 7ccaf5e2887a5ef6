import { run } from '../../db/executor.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import type { Act } from '../../kernel/act.ts';
import { ADMIN_ROLE } from '../../role/permissions.ts';
import { insertRole, rolesOfUser } from '../../role/store.ts';
import { NoSuchAccountError, UnprovenAddressError } from '../../user/errors.ts';
import { findUserByEmail, lockUserForUpdate } from '../../user/store.ts';
import { changeRoles } from './set.ts';

type CommandDeps = Pick<Deps, 'db' | 'clock' | 'random' | 'config'> & { readonly act: Act };

/**
 * Gives the built-in role to a person, for an operator. It is the only way to the first administrator (LG-9). The person
 * must have proven the address: with EMAIL_VERIFICATION=optional a stranger may have registered with it first, and would
 * become the administrator in the place of its owner.
 *
 * @param email in canonical form
 * @throws NoSuchAccountError; UnprovenAddressError; TooLargeClaimsError
 */
export function grantAdministration(
  deps: CommandDeps,
  email: string,
): Promise<{ readonly isChanged: boolean }> {
  return changeAdministration(deps, email, 'added');
}

/** Takes the built-in role from a person. @throws NoSuchAccountError */
export function revokeAdministration(
  deps: CommandDeps,
  email: string,
): Promise<{ readonly isChanged: boolean }> {
  return changeAdministration(deps, email, 'removed');
}

async function changeAdministration(
  deps: CommandDeps,
  email: string,
  change: 'added' | 'removed',
): Promise<{ readonly isChanged: boolean }> {
  const person = await run(deps.db, findUserByEmail(email));
  if (!person) throw new NoSuchAccountError();
  return await transaction(deps.db, async (tx) => {
    const user = await run(tx, lockUserForUpdate(person.id));
    // The person may have deleted the account in the meantime.
    if (!user) throw new NoSuchAccountError();
    if (change === 'added' && !user.emailVerifiedAt) throw new UnprovenAddressError();
    const held = await run(tx, rolesOfUser(user.id));
    const isHeld = held.some(({ name }) => name === ADMIN_ROLE);
    if (isHeld === (change === 'added')) return { isChanged: false };
    await run(tx, insertRole({ name: ADMIN_ROLE, now: deps.clock.now() }));
    await changeRoles(deps, tx, user, { added: [], removed: [], [change]: [ADMIN_ROLE] });
    return { isChanged: true };
  });
}
