import { permissionsOfPerson } from '../../administrator/person.ts';
import {
  findToken,
  lockLiveTokenForShare,
  permissionsInForce,
} from '../../administrator/token-store.ts';
import { type Executor, run } from '../../db/executor.ts';
import type { Invitation } from '../../db/tables/invitation.ts';
import type { Role } from '../../db/tables/role.ts';
import type { Deps } from '../../deps.ts';
import { type AdminPermission, permissionsOf } from '../../role/permissions.ts';
import { lockRoles } from '../../role/store.ts';
import { findUserByEmail, lockUserForShare, lockUserForUpdate } from '../../user/store.ts';

/**
 * Locks the roles of an invitation, and answers those that accepting it gives now.
 *
 * A role with permissions of the administrators' API is given only if the inviter could give it at this moment. A role may
 * have gained permissions since, and nobody who changes it sees who was invited with it; an inviter may have been
 * dismissed, and could come back through an invitation to an address of their own (AD-3). A role that was removed is
 * skipped, and so is another one that was made with its name since.
 *
 * Roles come before people and people before tokens, as in every operation of an administrator.
 */
export async function lockGivableRoles(
  deps: Pick<Deps, 'clock' | 'config'>,
  tx: Executor,
  invitation: Invitation,
): Promise<readonly Role[]> {
  if (invitation.roles.length === 0) return [];
  const inviterId = await findInviter(tx, invitation);
  const { defaultRoles } = deps.config.claims;
  const locked = await run(
    tx,
    lockRoles({
      heldBy: inviterId === null ? [] : [inviterId],
      // Those of DEFAULT_ROLES are given in the same transaction, when people are locked already.
      names: [...invitation.roles, ...defaultRoles],
      for: 'share',
    }),
  );
  const living = locked.filter(
    ({ name, createdAt }) => invitation.roles.includes(name) && createdAt <= invitation.createdAt,
  );
  if (permissionsOf(living).size === 0) return living;
  const givable = await lockInviter(deps, tx, { invitation, inviterId });
  return living.filter((role) => permissionsOf([role]).isSubsetOf(givable));
}

/** The person whose roles decide what the inviter may give; null for an operator's token, and if the account is gone. */
async function findInviter(
  tx: Executor,
  { invitedById, invitedByTokenId }: Invitation,
): Promise<string | null> {
  if (invitedById !== null || invitedByTokenId === null) return invitedById;
  return (await run(tx, findToken(invitedByTokenId)))?.createdById ?? null;
}

/** Locks the inviter. @returns what they may do now: nothing if they are gone */
async function lockInviter(
  deps: Pick<Deps, 'clock'>,
  tx: Executor,
  about: { readonly invitation: Invitation; readonly inviterId: string | null },
): Promise<ReadonlySet<AdminPermission>> {
  const { invitation, inviterId } = about;
  await lockPeople(tx, about);
  const { invitedById, invitedByTokenId } = invitation;
  if (invitedByTokenId !== null) {
    const wanted = { id: invitedByTokenId, now: deps.clock.now() };
    const live = await run(tx, lockLiveTokenForShare(wanted));
    const token = live && (await run(tx, findToken(live.id)));
    return new Set(token ? permissionsInForce(token) : []);
  }
  if (invitedById === null || inviterId === null) return new Set();
  const inviter = await run(tx, lockUserForShare(inviterId));
  return inviter ? await permissionsOfPerson(deps, tx, inviter) : new Set();
}

/** Locks the inviter and the account of the invited address in the order of their ids, as an administrator's act does. */
async function lockPeople(
  tx: Executor,
  { invitation, inviterId }: { readonly invitation: Invitation; readonly inviterId: string | null },
): Promise<void> {
  const account = await run(tx, findUserByEmail(invitation.email));
  const ids = new Set([inviterId, account?.id].filter((id) => typeof id === 'string'));
  for (const id of [...ids].sort()) {
    await run(tx, id === account?.id ? lockUserForUpdate(id) : lockUserForShare(id));
  }
}
