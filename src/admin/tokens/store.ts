import { and, desc, eq, getTableColumns, gt, isNull, lt, or } from 'drizzle-orm';
import { type Executor, run } from '../../db/executor.ts';
import { build, firstRow, noRows, rows, type Statement } from '../../db/statement.ts';
import { type AdminToken, adminTokens } from '../../db/tables/admin-token.ts';
import { users } from '../../db/tables/user.ts';
import { after, MINUTE } from '../../kernel/duration.ts';

/** A token with the address of the administrator who created it, if a person did and still has an account. */
export type ListedToken = AdminToken & { readonly createdByEmail: string | null };

/** How exact `lastUsedAt` is. A write for each call would make every reader a writer. */
const USE_INTERVAL = MINUTE;

/** Finds the token with this hash; null if it has expired or was revoked. */
export function findLiveToken(wanted: {
  readonly hash: Buffer;
  readonly now: Date;
}): Statement<AdminToken | null> {
  return firstRow(
    build
      .select()
      .from(adminTokens)
      .where(and(eq(adminTokens.tokenHash, wanted.hash), isLive(wanted.now))),
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

/** Every token, ended or not, newest first. */
export function listTokens(): Statement<readonly ListedToken[]> {
  return rows(selectTokens().orderBy(desc(adminTokens.id)));
}

/** A token by its id, ended or not. */
export function findToken(id: string): Statement<ListedToken | null> {
  return firstRow(selectTokens().where(eq(adminTokens.id, id)));
}

function selectTokens() {
  return build
    .select({ ...getTableColumns(adminTokens), createdByEmail: users.email })
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
