import { type Executor, run } from '../db/executor.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import { after, DAY } from '../kernel/duration.ts';
import { secondFactorSince } from '../proofs/second-factor/enrolled.ts';
import { type AdminPermission, permissionsOf } from '../role/permissions.ts';
import { grantedRolesOfUser } from '../role/store.ts';

/**
 * How long a second factor must have been enrolled before it gives access with a role that was given earlier (AD-5).
 *
 * A person without a second factor has a password alone. Whoever has stolen it can enroll a factor of their own, sign in
 * with both, and would be the administrator. The owner is mailed about the enrollment at once and can undo it with a link;
 * this is their time for it. A role that is given after the enrollment counts at once: whoever gives it vouches for the person
 * with that factor.
 */
const FACTOR_MIN_AGE = DAY;

/**
 * The permissions that a person's roles give them now. Roles are given to the owner of an address. Until somebody has
 * proven the address, whoever registered with it may be a stranger, and has no permission. Neither has a disabled person,
 * nor somebody whose second factor is younger than {@link FACTOR_MIN_AGE} and than the role.
 */
export async function permissionsOfPerson(
  { clock }: Pick<Deps, 'clock'>,
  executor: Executor,
  { id, emailVerifiedAt, disabledAt }: Pick<User, 'id' | 'emailVerifiedAt' | 'disabledAt'>,
): Promise<ReadonlySet<AdminPermission>> {
  if (!emailVerifiedAt || disabledAt) return new Set();
  const granted = await run(executor, grantedRolesOfUser(id));
  const carries = granted.some(({ role }) => permissionsOf([role]).size > 0);
  const enrolledAt = carries ? await run(executor, secondFactorSince(id)) : null;
  const isSettled = enrolledAt === null || enrolledAt <= after(clock.now(), -FACTOR_MIN_AGE);
  const counted = granted.filter(({ grantedAt }) => isSettled || enrolledAt <= grantedAt);
  return permissionsOf(counted.map(({ role }) => role));
}
