import { type Caller, requireAllOf } from '../../administrator/caller.ts';
import { invitationStateOf } from '../../credential-change/invitation-state.ts';
import { type Executor, run } from '../../db/executor.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import type { Outcome } from '../../graphql/result.ts';
import { findInvitationOf, type ListedInvitation } from '../../invitation/store.ts';
import { newId } from '../../kernel/id.ts';
import { permissionsOf } from '../../role/permissions.ts';
import { rolesOfUser } from '../../role/store.ts';
import { EmailTakenError } from '../../user/errors.ts';
import { newUser } from '../../user/new-user.ts';
import { findUserByEmail } from '../../user/store.ts';
import { type AdminRequest, adminTransaction } from '../transaction.ts';
import { requireGivable, rolesOnEntering } from './invited-roles.ts';
import { issueInvitation } from './issue.ts';

/** The person to invite. */
export type Invite = {
  readonly email: string;
  readonly roles: readonly string[];
  readonly name: string | null;
  readonly locale: string | null;
};

/** The invitation is on its way. */
export type UserInvited = Outcome<'UserInvited'> & { readonly invitation: ListedInvitation };

type InviteDeps = Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'meter' | 'config' | 'outbox'>;

/**
 * Mails an invitation. Inviting again mails again and voids the older mail (AD-8). An account whose address nobody has
 * proven does not stand in the way, because a stranger may have registered with it: accepting takes it over (PR-8).
 *
 * @throws EmailTakenError if somebody has proven the address, or the account is disabled; NotFoundError for an unknown role;
 *   MissingPermissionError, InvalidInputError, RateLimitedError, NotAuthenticatedError, StepUpRequiredError
 */
export async function inviteUser(
  deps: InviteDeps,
  request: AdminRequest,
  invite: Invite,
): Promise<UserInvited> {
  const { email, name, locale } = invite;
  const roles = [...invite.roles];
  const giving = { ...request, roles: rolesOnEntering(deps, roles) };
  const invitation = await adminTransaction(deps, giving, async (tx, acting) => {
    const now = deps.clock.now();
    const account = await run(tx, findUserByEmail(email));
    const userId = account && (await requireInvitable(deps, tx, acting.caller, account));
    const person = account ?? newUser({ id: newId(deps), email, name, createdAt: now });
    await requireGivable(deps, tx, acting.caller, { roles, person });
    return await issueInvitation(deps, tx, acting, { email, userId, roles, name, locale });
  });
  deps.outbox.wake();
  return { kind: 'UserInvited', invitation };
}

/**
 * Requires that nobody has entered the account of an address yet.
 *
 * @returns its id if an administrator made it; null if a stranger may have claimed the address, whose account must not
 *   decide what becomes of the invitation
 */
async function requireInvitable(
  deps: Pick<Deps, 'config'>,
  tx: Executor,
  caller: Caller,
  account: User,
): Promise<string | null> {
  const state = await invitationStateOf(deps, tx, account);
  if (state === 'taken') throw new EmailTakenError();
  if (state === 'awaits-owner' && !(await wasInvited(tx, account))) throw new EmailTakenError();
  // Accepting makes the roles count that somebody else has given to the account (AD-3).
  requireAllOf(caller, permissionsOf(await run(tx, rolesOfUser(account.id))));
  return account.passwordHash === null ? account.id : null;
}

/** True for an account that was made with a proven address and whose first invitation may have expired. */
async function wasInvited(tx: Executor, account: User): Promise<boolean> {
  const earlier = await run(tx, findInvitationOf(account.email));
  return earlier?.userId === account.id;
}
