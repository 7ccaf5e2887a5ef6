import { recordAudit } from '../../audit/record.ts';
import { type Executor, run } from '../../db/executor.ts';
import type { User } from '../../db/tables/user.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import type { Act } from '../../kernel/act.ts';
import { secondFactorSince } from '../../proofs/second-factor/enrolled.ts';
import { ADMIN_ROLE } from '../../role/permissions.ts';
import { grantedRolesOfUser, insertRole, lockRoles, renewUserRole } from '../../role/store.ts';
import { NoSuchAccountError, UnprovenAddressError } from '../../user/errors.ts';
import { findUserByEmail, lockUserForUpdate } from '../../user/store.ts';
import { changeRoles } from './set.ts';

type CommandDeps = Pick<Deps, 'db' | 'clock' | 'random' | 'config'> & { readonly act: Act };

/** The result, and whether the person can use the role yet: an administrator proves a second factor (AD-5). */
export type AdministrationChanged = {
  readonly isChanged: boolean;
  readonly hasSecondFactor: boolean;
};

/**
 * Gives the built-in role to a person, for an operator. It is the only way to the first administrator (LG-9). The person
 * must have proven the address: with EMAIL_VERIFICATION=optional a stranger may have registered with it first, and would
 * become the administrator in the place of its owner. Giving it to somebody who has it and has enrolled a second factor since
 * vouches for that factor.
 *
 * @param email in canonical form
 * @throws NoSuchAccountError; UnprovenAddressError; TooLargeClaimsError
 */
export function grantAdministration(
  deps: CommandDeps,
  email: string,
): Promise<AdministrationChanged> {
  return changeAdministration(deps, email, 'added');
}

/** Takes the built-in role from a person. @throws NoSuchAccountError */
export function revokeAdministration(
  deps: CommandDeps,
  email: string,
): Promise<AdministrationChanged> {
  return changeAdministration(deps, email, 'removed');
}

async function changeAdministration(
  deps: CommandDeps,
  email: string,
  change: 'added' | 'removed',
): Promise<AdministrationChanged> {
  const person = await run(deps.db, findUserByEmail(email));
  if (!person) throw new NoSuchAccountError();
  return await transaction(deps.db, async (tx) => {
    const now = deps.clock.now();
    // Roles before people, as in every transaction.
    await run(tx, insertRole({ name: ADMIN_ROLE, now }));
    await run(tx, lockRoles({ heldBy: [], names: [ADMIN_ROLE], for: 'share' }));
    const user = await run(tx, lockUserForUpdate(person.id));
    // The person may have deleted the account in the meantime.
    if (!user) throw new NoSuchAccountError();
    if (change === 'added' && !user.emailVerifiedAt) throw new UnprovenAddressError();
    const held = await run(tx, grantedRolesOfUser(user.id));
    const admin = held.find(({ role }) => role.name === ADMIN_ROLE);
    const { hasSecondFactor } = user;
    if (change === 'added' && admin) {
      return { isChanged: await renew(deps, tx, user, admin.grantedAt), hasSecondFactor };
    }
    if (change === 'removed' && !admin) return { isChanged: false, hasSecondFactor };
    await changeRoles(deps, tx, user, { added: [], removed: [], [change]: [ADMIN_ROLE] });
    return { isChanged: true, hasSecondFactor };
  });
}

/**
 * Vouches for an administrator whose second factor is younger than the role: it then counts at once (AD-5).
 *
 * @returns false if there was nothing to vouch for
 */
async function renew(
  deps: CommandDeps,
  tx: Executor,
  { id: userId }: User,
  grantedAt: Date,
): Promise<boolean> {
  const enrolledAt = await run(tx, secondFactorSince(userId));
  if (enrolledAt === null || enrolledAt <= grantedAt) return false;
  await run(tx, renewUserRole(userId, ADMIN_ROLE, deps.clock.now()));
  const detail = { renewed: ADMIN_ROLE };
  await run(tx, recordAudit(deps, { type: 'ROLES_CHANGED', userId, client: null, detail }));
  return true;
}
