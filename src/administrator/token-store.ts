import { and, desc, eq, getTableColumns, gt, isNull, lt, or, sql } from 'drizzle-orm';
import { type Executor, run } from '../db/executor.ts';
import { type PurgedPage, type PurgePage, purgePage } from '../db/purge-page.ts';
import { build, firstRow, map, noRows, rows, type Statement } from '../db/statement.ts';
import { type AdminToken, adminTokens } from '../db/tables/admin-token.ts';
import { type Role, roles, userRoles } from '../db/tables/role.ts';
import { users } from '../db/tables/user.ts';
import { after, DAY, MINUTE } from '../kernel/duration.ts';
import { type AdminPermission, isAdminPermission, permissionsOf } from '../role/permissions.ts';

/** A token, and the administrator who created it, if a person did and still has an account. */
export type ListedToken = AdminToken & {
  readonly createdByEmail: string | null;
  /** The roles of the creator, if the creator may use them: the account is enabled and its address is verified. */
  readonly creatorRoles: readonly Pick<Role, 'name' | 'adminPermissions'>[] | null;
};

/**
 * What a token may do now. The token of a person never has a permission that this person lacks (AD-3): otherwise an
 * administrator who lost the role would go on with a token that they had made before. An operator's token stands alone: its
 * permissions end with it. A token that another token created belongs to the person of that token.
 */
export function permissionsInForce(token: ListedToken): readonly AdminPermission[] {
  const permissions = token.permissions.filter(isAdminPermission);
  if (token.createdByName !== null) return permissions;
  const creator = permissionsOf(token.creatorRoles ?? []);
  return permissions.filter((permission) => creator.has(permission));
}

/** How exact `lastUsedAt` is. A write for each call would make every reader a writer. */
const USE_INTERVAL = MINUTE;

/** Finds the token with this hash; null if it has expired or was revoked. */
export function findLiveToken(wanted: {
  readonly hash: Buffer;
  readonly now: Date;
}): Statement<ListedToken | null> {
  return firstRow(
    selectTokens().where(and(eq(adminTokens.tokenHash, wanted.hash), isLive(wanted.now))),
  );
}

/** Locks a live token, so that a revocation waits for the transaction; null if the token has ended. */
export function lockLiveTokenForShare(wanted: {
  readonly id: string;
  readonly now: Date;
}): Statement<AdminToken | null> {
  return firstRow(
    build
      .select()
      .from(adminTokens)
      .where(and(eq(adminTokens.id, wanted.id), isLive(wanted.now)))
      .for('share'),
  );
}

/** Records that a token was used, unless that was recorded within the last minute. */
export async function recordTokenUse(
  executor: Pick<Executor, 'run'>,
  { id, lastUsedAt }: Pick<AdminToken, 'id' | 'lastUsedAt'>,
  now: Date,
): Promise<void> {
  const isRecent = (at: Date | null) => at !== null && at > after(now, -USE_INTERVAL);
  if (isRecent(lastUsedAt)) return;
  const isStale = or(
    isNull(adminTokens.lastUsedAt),
    lt(adminTokens.lastUsedAt, after(now, -USE_INTERVAL)),
  );
  await run(
    executor,
    noRows(
      build
        .update(adminTokens)
        .set({ lastUsedAt: now })
        .where(and(eq(adminTokens.id, id), isStale)),
    ),
  );
}

/** The most tokens in a list. All that are live are in it, because {@link MOST_LIVE_TOKENS} are fewer. */
const LISTED = 1_000;

/** The most tokens that may be live at a time. Whoever wanted to hide one among others could not. */
export const MOST_LIVE_TOKENS = 500;

/** Every live token and the newest of those that have ended, up to 1,000, newest first. */
export function listTokens(now: Date): Statement<readonly ListedToken[]> {
  const live = sql`${isLive(now)}`;
  return map(
    rows(selectTokens().orderBy(sql`${live} desc`, desc(adminTokens.id)).limit(LISTED)),
    (tokens) => tokens.toSorted((one, other) => (one.id < other.id ? 1 : -1)),
  );
}

/** The number of live tokens. */
export function countLiveTokens(now: Date): Statement<number> {
  const counted = build
    .select({ n: sql<number>`count(*)::int` })
    .from(adminTokens)
    .where(isLive(now));
  return map(firstRow(counted), (row) => row?.n ?? 0);
}

/** How long the row of an ended token is kept, for whoever reads the audit log. */
const KEPT_AFTER_END = 365 * DAY;

/** Removes tokens that expired or were revoked a year ago or longer (DR-6). */
export function purgeTokens(page: PurgePage): Statement<PurgedPage> {
  const endedBefore = after(page.now, -KEPT_AFTER_END);
  const isExpired = or(
    lt(adminTokens.expiresAt, endedBefore),
    lt(adminTokens.revokedAt, endedBefore),
  );
  return purgePage(
    { table: adminTokens, key: adminTokens.id, madeBefore: endedBefore, isExpired },
    page,
  );
}

/** A token by its id, ended or not. */
export function findToken(id: string): Statement<ListedToken | null> {
  return firstRow(selectTokens().where(eq(adminTokens.id, id)));
}

const creatorRoles = sql<ListedToken['creatorRoles']>`(
  select json_agg(json_build_object('name', ${roles.name}, 'adminPermissions', ${roles.adminPermissions}))
  from ${userRoles} join ${roles} on ${roles.name} = ${userRoles.role}
  where ${userRoles.userId} = ${users.id} and ${users.disabledAt} is null
    and ${users.emailVerifiedAt} is not null)`;

function selectTokens() {
  return build
    .select({ ...getTableColumns(adminTokens), createdByEmail: users.email, creatorRoles })
    .from(adminTokens)
    .leftJoin(users, eq(users.id, adminTokens.createdById));
}

export function insertToken(token: AdminToken): Statement<void> {
  return noRows(build.insert(adminTokens).values(token));
}

/** Revokes a token. @returns null if there is none or it is revoked already */
export function revokeToken(id: string, now: Date): Statement<AdminToken | null> {
  return firstRow(
    build
      .update(adminTokens)
      .set({ revokedAt: now })
      .where(and(eq(adminTokens.id, id), isNull(adminTokens.revokedAt)))
      .returning(),
  );
}

function isLive(now: Date) {
  return and(isNull(adminTokens.revokedAt), gt(adminTokens.expiresAt, now));
}
