import { lt } from 'drizzle-orm';
import { type PurgedPage, type PurgePage, purgePage } from '../db/purge-page.ts';
import type { Statement } from '../db/statement.ts';
import { invitations } from '../db/tables/invitation.ts';
import { after, DAY } from '../kernel/duration.ts';

/** How long an invitation can be accepted. */
const INVITATION_LIFETIME = 7 * DAY;

/** How long an expired invitation stays in the administrators' list. */
const KEPT_AFTER_END = 30 * DAY;

/** Removes the invitations that expired more than a month ago. */
export function purgeInvitations(page: PurgePage): Statement<PurgedPage> {
  const { id: key, expiresAt } = invitations;
  const endedBefore = after(page.now, -KEPT_AFTER_END);
  const madeBefore = after(endedBefore, -INVITATION_LIFETIME);
  const isExpired = lt(expiresAt, endedBefore);
  return purgePage({ table: invitations, key, madeBefore, isExpired }, page);
}
