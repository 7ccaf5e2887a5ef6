import { and, desc, eq, getTableColumns, gt, lt } from 'drizzle-orm';
import { type PurgedPage, type PurgePage, purgePage } from '../db/purge-page.ts';
import { build, firstRow, noRows, rows, type Statement } from '../db/statement.ts';
import { type Invitation, invitations } from '../db/tables/invitation.ts';
import { users } from '../db/tables/user.ts';
import { after, DAY } from '../kernel/duration.ts';

/** An invitation with the address of the administrator who invited, if a person did and still has an account. */
export type ListedInvitation = Invitation & { readonly invitedByEmail: string | null };

/** How long an invitation can be accepted. */
export const INVITATION_LIFETIME = 7 * DAY;

/** How long an expired invitation stays in the administrators' list. */
const KEPT_AFTER_END = 30 * DAY;

/**
 * Stores an invitation in the place of the earlier one of its address, if there is one: the token of the earlier mail
 * leads to no row any more (AD-8).
 */
export function putInvitation(invitation: Invitation): Statement<void> {
  return noRows(
    build
      .insert(invitations)
      .values(invitation)
      .onConflictDoUpdate({ target: invitations.email, set: invitation }),
  );
}

/** The invitation of a token, without using it up; null if it was accepted, replaced or revoked, or has expired. */
export function findLiveInvitation(presented: Presented): Statement<Invitation | null> {
  return firstRow(build.select().from(invitations).where(isLive(presented)));
}

/** The invitation of an address, live or expired; null if there is none. */
export function findInvitationOf(email: string): Statement<Invitation | null> {
  return firstRow(build.select().from(invitations).where(eq(invitations.email, email)));
}

/**
 * Uses the invitation of a token up. Of concurrent calls, exactly one gets the row, and only it may make an account of
 * it (AD-8).
 */
export function takeInvitation(presented: Presented): Statement<Invitation | null> {
  return firstRow(build.delete(invitations).where(isLive(presented)).returning());
}

/** Removes an invitation, live or expired. @returns null if there is none with this id */
export function deleteInvitation(id: string): Statement<Invitation | null> {
  return firstRow(build.delete(invitations).where(eq(invitations.id, id)).returning());
}

/** Ends the invitation of an address whose owner has got an account without it. */
export function endInvitation(email: string): Statement<void> {
  return noRows(build.delete(invitations).where(eq(invitations.email, email)));
}

/**
 * Invitations that nobody has accepted, newest first, with those that expired within the last month.
 *
 * @param page.after the id after which the page starts
 */
export function listInvitations(page: {
  readonly after: string | null;
  readonly limit: number;
}): Statement<readonly ListedInvitation[]> {
  return rows(
    build
      .select({ ...getTableColumns(invitations), invitedByEmail: users.email })
      .from(invitations)
      .leftJoin(users, eq(users.id, invitations.invitedById))
      .where(page.after === null ? undefined : lt(invitations.id, page.after))
      .orderBy(desc(invitations.id))
      .limit(page.limit),
  );
}

/** Removes the invitations that expired more than a month ago. */
export function purgeInvitations(page: PurgePage): Statement<PurgedPage> {
  const { id: key, expiresAt } = invitations;
  const endedBefore = after(page.now, -KEPT_AFTER_END);
  const madeBefore = after(endedBefore, -INVITATION_LIFETIME);
  const isExpired = lt(expiresAt, endedBefore);
  return purgePage({ table: invitations, key, madeBefore, isExpired }, page);
}

/** The token that somebody presents, as its hash. */
type Presented = { readonly tokenHash: Buffer; readonly now: Date };

function isLive({ tokenHash, now }: Presented) {
  return and(eq(invitations.tokenHash, tokenHash), gt(invitations.expiresAt, now));
}
