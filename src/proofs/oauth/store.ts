import { and, eq, gt, inArray, isNull, lt, or } from 'drizzle-orm';
import type { Executor } from '../../db/driver/client.ts';
import { type PurgedPage, type PurgePage, purgePage } from '../../db/purge-page.ts';
import { type OAuthFlow, oauthFlows } from '../../db/tables/identity.ts';
import { after, HOUR } from '../../kernel/duration.ts';

/** A flow that is over is kept this long, so that a late callback is told apart from a false one. */
const KEPT_AFTER_END = HOUR;

/** Remembers a round trip that begins, until its callback claims it or it is over. */
export async function insertFlow(executor: Executor, flow: OAuthFlow): Promise<void> {
  await executor.insert(oauthFlows).values(flow);
}

/** Uses a flow up: of any number of copies of its callback one gets the row (OA-10). */
export async function claimFlowRow(
  executor: Executor,
  wanted: {
    readonly flowTokenHash: Buffer;
    readonly stateHash: Buffer;
    readonly redirectUri: string;
    /** Those that have this redirect URI now: a flow does not outlive a provider or its URI. */
    readonly providers: readonly string[];
    /** Who presents it. A link is completed by the session that asked for it alone. */
    readonly caller: { readonly userId: string; readonly sessionId: string } | null;
    readonly now: Date;
  },
): Promise<OAuthFlow | null> {
  const { caller } = wanted;
  const [flow] = await executor
    .update(oauthFlows)
    .set({ usedAt: wanted.now })
    .where(
      and(
        eq(oauthFlows.flowTokenHash, wanted.flowTokenHash),
        eq(oauthFlows.stateHash, wanted.stateHash),
        eq(oauthFlows.redirectUri, wanted.redirectUri),
        inArray(oauthFlows.provider, [...wanted.providers]),
        isNull(oauthFlows.usedAt),
        gt(oauthFlows.expiresAt, wanted.now),
        or(
          isNull(oauthFlows.userId),
          caller
            ? and(eq(oauthFlows.userId, caller.userId), eq(oauthFlows.sessionId, caller.sessionId))
            : undefined,
        ),
      ),
    )
    .returning();
  return flow ?? null;
}

/** The flow as it lies there: only to find out why a callback matched nothing. */
export async function findFlowByToken(
  executor: Executor,
  flowTokenHash: Buffer,
): Promise<OAuthFlow | null> {
  const [flow] = await executor
    .select()
    .from(oauthFlows)
    .where(eq(oauthFlows.flowTokenHash, flowTokenHash));
  return flow ?? null;
}

/** Removes round trips that are over, an hour after their end. */
export function purgeFlows(executor: Executor, page: PurgePage): Promise<PurgedPage> {
  const madeBefore = after(page.now, -KEPT_AFTER_END);
  const isOver = lt(oauthFlows.expiresAt, madeBefore);
  return purgePage(executor, { table: oauthFlows, key: oauthFlows.id, madeBefore, isOver }, page);
}
