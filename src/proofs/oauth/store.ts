import { and, eq, gt, inArray, isNull, lt, or } from 'drizzle-orm';
import { type PurgedPage, type PurgePage, purgePage } from '../../db/purge-page.ts';
import { build, firstRow, noRows, type Statement } from '../../db/statement.ts';
import { type OAuthFlow, oauthFlows } from '../../db/tables/identity.ts';
import { after, HOUR } from '../../kernel/duration.ts';

/** How long a flow is kept after its end, so that a late callback can be distinguished from a forged one. */
const KEPT_AFTER_END = HOUR;

/** Stores a started flow until its callback claims it or it expires. */
export function insertFlow(flow: OAuthFlow): Statement<void> {
  return noRows(build.insert(oauthFlows).values(flow));
}

/**
 * Marks a flow as used. If its callback arrives several times at once, exactly one call gets the row (OA-10).
 */
export function claimFlowRow(wanted: {
  readonly flowTokenHash: Buffer;
  readonly stateHash: Buffer;
  readonly redirectUri: string;
  /** The providers that have this redirect URI now. A flow does not outlive its provider or its URI. */
  readonly providers: readonly string[];
  /** The caller who presents the callback. Only the session that requested a link can complete it. */
  readonly caller: { readonly userId: string; readonly sessionId: string } | null;
  readonly now: Date;
}): Statement<OAuthFlow | null> {
  const { caller } = wanted;
  return firstRow(
    build
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
              ? and(
                  eq(oauthFlows.userId, caller.userId),
                  eq(oauthFlows.sessionId, caller.sessionId),
                )
              : undefined,
          ),
        ),
      )
      .returning(),
  );
}

/** The flow of a state, if it can still be completed with this provider at one of its redirect URIs. */
export function findLiveFlow(wanted: {
  readonly stateHash: Buffer;
  readonly provider: string;
  readonly redirectUris: readonly string[];
  readonly now: Date;
}): Statement<OAuthFlow | null> {
  return firstRow(
    build
      .select()
      .from(oauthFlows)
      .where(
        and(
          eq(oauthFlows.stateHash, wanted.stateHash),
          eq(oauthFlows.provider, wanted.provider),
          inArray(oauthFlows.redirectUri, [...wanted.redirectUris]),
          isNull(oauthFlows.usedAt),
          gt(oauthFlows.expiresAt, wanted.now),
        ),
      ),
  );
}

/** Keeps the profile that a provider posted. The first one stays. */
export function keepProfile(profile: {
  readonly id: string;
  readonly sealedProfile: Buffer;
}): Statement<void> {
  return noRows(
    build
      .update(oauthFlows)
      .set({ sealedProfile: profile.sealedProfile })
      .where(
        and(
          eq(oauthFlows.id, profile.id),
          isNull(oauthFlows.sealedProfile),
          isNull(oauthFlows.usedAt),
        ),
      ),
  );
}

/** Reads a flow, only to find out why a callback matched nothing. */
export function findFlowByToken(flowTokenHash: Buffer): Statement<OAuthFlow | null> {
  return firstRow(
    build.select().from(oauthFlows).where(eq(oauthFlows.flowTokenHash, flowTokenHash)),
  );
}

/** Removes flows an hour after their end. */
export function purgeFlows(page: PurgePage): Statement<PurgedPage> {
  const madeBefore = after(page.now, -KEPT_AFTER_END);
  const isExpired = lt(oauthFlows.expiresAt, madeBefore);
  return purgePage({ table: oauthFlows, key: oauthFlows.id, madeBefore, isExpired }, page);
}
