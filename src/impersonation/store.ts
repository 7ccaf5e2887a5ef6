import { lt } from 'drizzle-orm';
import { type PurgedPage, type PurgePage, purgePage } from '../db/purge-page.ts';
import type { Statement } from '../db/statement.ts';
import { handovers } from '../db/tables/handover.ts';
import { after, HOUR, MINUTE } from '../kernel/duration.ts';

/** How long a handover token can be used (IM-4). */
const HANDOVER_LIFETIME = MINUTE;

/** An instance whose clock is behind accepts a token a little longer. */
const KEPT_AFTER_END = HOUR;

/** Removes the unused handovers that expired more than an hour ago. */
export function purgeHandovers(page: PurgePage): Statement<PurgedPage> {
  const { id: key, expiresAt } = handovers;
  const endedBefore = after(page.now, -KEPT_AFTER_END);
  const madeBefore = after(endedBefore, -HANDOVER_LIFETIME);
  const isExpired = lt(expiresAt, endedBefore);
  return purgePage({ table: handovers, key, madeBefore, isExpired }, page);
}
