import { and, eq, gt, lt } from 'drizzle-orm';
import { type PurgedPage, type PurgePage, purgePage } from '../db/purge-page.ts';
import { build, firstRow, noRows, type Statement } from '../db/statement.ts';
import { type Handover, handovers } from '../db/tables/handover.ts';
import { after, HOUR, MINUTE } from '../kernel/duration.ts';

/** How long a handover token can be used (IM-4). */
export const HANDOVER_LIFETIME = MINUTE;

/** An instance whose clock is behind accepts a token a little longer. */
const KEPT_AFTER_END = HOUR;

/** Stores a handover. Its token is stored as a hash alone. */
export function insertHandover(handover: Handover): Statement<void> {
  return noRows(build.insert(handovers).values(handover));
}

/** Reads an unused handover, so that its people can be locked before it is used; null if there is none. */
export function findHandover(wanted: {
  readonly tokenHash: Buffer;
  readonly now: Date;
}): Statement<Handover | null> {
  return firstRow(
    build
      .select()
      .from(handovers)
      .where(and(eq(handovers.tokenHash, wanted.tokenHash), gt(handovers.expiresAt, wanted.now))),
  );
}

/** Uses a handover. Of several uses at once, one gets the row, and the others get null (IM-4). */
export function spendHandover(wanted: {
  readonly id: string;
  readonly now: Date;
}): Statement<Handover | null> {
  return firstRow(
    build
      .delete(handovers)
      .where(and(eq(handovers.id, wanted.id), gt(handovers.expiresAt, wanted.now)))
      .returning(),
  );
}

/** Removes the unused handovers that expired more than an hour ago. */
export function purgeHandovers(page: PurgePage): Statement<PurgedPage> {
  const { id: key, expiresAt } = handovers;
  const endedBefore = after(page.now, -KEPT_AFTER_END);
  const madeBefore = after(endedBefore, -HANDOVER_LIFETIME);
  const isExpired = lt(expiresAt, endedBefore);
  return purgePage({ table: handovers, key, madeBefore, isExpired }, page);
}
