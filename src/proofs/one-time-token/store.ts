import {
  and,
  asc,
  desc,
  eq,
  gt,
  gte,
  inArray,
  isNotNull,
  isNull,
  lt,
  ne,
  or,
  type SQL,
  sql,
} from 'drizzle-orm';
import type { Executor } from '../../db/driver/client.ts';
import { demand } from '../../db/one-trip.ts';
import { type PurgedPage, type PurgePage, purgePage } from '../../db/purge-page.ts';
import { type OneTimeToken, oneTimeTokens } from '../../db/tables/one-time-token.ts';
import { users } from '../../db/tables/user.ts';
import { after, DAY } from '../../kernel/duration.ts';
import { isPurpose, MAX_CODE_ATTEMPTS, type Purpose } from './purpose.ts';

/**
 * Replaces the older proof of the same purpose, address and subject (PR-1). The counted attempts stay until
 * their own time has passed; otherwise, another mail would allow new guesses (EO-2).
 */
export async function replaceOneTimeToken(executor: Executor, token: OneTimeToken): Promise<void> {
  const { purpose: _purpose, email: _email, subject: _subject, ...row } = token;
  const { failedAttempts: _, budgetResetsAt, ...fresh } = row;
  const budgetIsOver = sql`${oneTimeTokens.budgetResetsAt} <= ${token.createdAt.toISOString()}::timestamptz`;
  await executor
    .insert(oneTimeTokens)
    .values(token)
    .onConflictDoUpdate({
      target: [oneTimeTokens.purpose, oneTimeTokens.email, oneTimeTokens.subject],
      set: {
        ...fresh,
        failedAttempts: sql`case when ${budgetIsOver} then 0 else ${oneTimeTokens.failedAttempts} end`,
        budgetResetsAt: sql`case when ${budgetIsOver} then ${budgetResetsAt.toISOString()}::timestamptz else ${oneTimeTokens.budgetResetsAt} end`,
      },
    });
}

/**
 * Writes the proof of an address beside the others: the mails of one address do not void one another (PR-11).
 * Its code is valid only if the mail leaves at once, because a mail that leaves ten minutes later contains no
 * code.
 */
export async function insertAddressProof(
  executor: Executor,
  proof: OneTimeToken,
  mail: { readonly isRefused: SQL; readonly scheduledAt: SQL },
): Promise<void> {
  const sentAt = sql`${proof.createdAt.toISOString()}::timestamptz`;
  const codeExpiresAt = sql`${proof.codeExpiresAt.toISOString()}::timestamptz`;
  const isDelayed = sql`(${mail.isRefused} or ${mail.scheduledAt} > ${sentAt})`;
  await executor.insert(oneTimeTokens).values({
    ...proof,
    subject: proof.id,
    codeExpiresAt: sql`case when ${isDelayed} then ${sentAt} else ${codeExpiresAt} end`,
  });
}

/** The valid codes that were mailed to an address for one registration or account, oldest first. */
export async function listAddressCodes(
  executor: Executor,
  wanted: { readonly email: string; readonly holder: string; readonly now: Date },
): Promise<(ProofRow & Pick<OneTimeToken, 'codeMac'>)[]> {
  return await executor
    .select({ ...PROOF_ROW, codeMac: oneTimeTokens.codeMac })
    .from(oneTimeTokens)
    .where(
      and(
        isLive('verify-email', wanted.now),
        eq(oneTimeTokens.email, wanted.email),
        eq(oneTimeTokens.codeHolder, wanted.holder),
        gt(oneTimeTokens.codeExpiresAt, wanted.now),
      ),
    )
    .orderBy(oneTimeTokens.id);
}

/** Ends every proof of an address: the first one that was used created the account (PR-11). */
export async function endAddressProofs(
  executor: Executor,
  about: { readonly email: string; readonly now: Date },
): Promise<void> {
  await executor
    .update(oneTimeTokens)
    .set({ usedAt: about.now })
    .where(
      and(
        eq(oneTimeTokens.purpose, 'verify-email'),
        eq(oneTimeTokens.email, about.email),
        isNull(oneTimeTokens.usedAt),
      ),
    );
}

/** What a proof is about, readable without using it up. */
export type ProofRow = Pick<OneTimeToken, 'id' | 'email' | 'userId' | 'subject'>;

const PROOF_ROW = {
  id: oneTimeTokens.id,
  email: oneTimeTokens.email,
  userId: oneTimeTokens.userId,
  subject: oneTimeTokens.subject,
};

/** Whose proof it must be: that of a person, about one subject alone, or both. */
export type Holder =
  | { readonly userId: string; readonly subject?: string }
  | { readonly userId?: never; readonly subject: string };

/**
 * The newest row that a code may belong to. Its id is part of what the code's MAC covers. The statement itself
 * selects the holder: a newer proof of somebody else for the same address must not hide the holder's own.
 */
export async function findLiveByEmail(
  executor: Executor,
  wanted: {
    readonly purpose: Purpose;
    readonly email: string;
    readonly holder: Holder | null;
    readonly now: Date;
  },
): Promise<ProofRow | null> {
  const { holder } = wanted;
  const [row] = await executor
    .select(PROOF_ROW)
    .from(oneTimeTokens)
    .where(
      and(
        eq(oneTimeTokens.purpose, wanted.purpose),
        eq(oneTimeTokens.email, wanted.email),
        holder ? isHeldBy(holder) : undefined,
        isNull(oneTimeTokens.usedAt),
        gt(oneTimeTokens.codeExpiresAt, wanted.now),
      ),
    )
    .orderBy(desc(oneTimeTokens.createdAt), desc(oneTimeTokens.id))
    .limit(1);
  return row ?? null;
}

/** Finds a valid proof by its link's token, without using it up. */
export async function findLiveByToken(
  executor: Executor,
  wanted: {
    readonly purpose: Purpose;
    readonly tokenHash: Buffer;
    readonly holder: Holder | null;
    readonly now: Date;
  },
): Promise<ProofRow | null> {
  const { purpose, tokenHash, holder, now } = wanted;
  const [row] = await executor
    .select(PROOF_ROW)
    .from(oneTimeTokens)
    .where(
      and(
        isLive(purpose, now),
        eq(oneTimeTokens.tokenHash, tokenHash),
        holder ? isHeldBy(holder) : undefined,
      ),
    );
  return row ?? null;
}

/** Finds a valid proof of any purpose by its link's token, without using it up. */
export async function findLiveLink(
  executor: Executor,
  wanted: { readonly tokenHash: Buffer; readonly now: Date },
): Promise<(OneTimeToken & { readonly purpose: Purpose }) | null> {
  const [row] = await executor
    .select()
    .from(oneTimeTokens)
    .where(
      and(
        eq(oneTimeTokens.tokenHash, wanted.tokenHash),
        isNull(oneTimeTokens.usedAt),
        gt(oneTimeTokens.expiresAt, wanted.now),
      ),
    );
  return row && isPurpose(row.purpose) ? { ...row, purpose: row.purpose } : null;
}

/**
 * Verifies a code, and counts it if it is wrong, in one statement. Concurrent calls wait for the row's lock, so
 * no more codes than allowed are ever verified (RL-6). A right code is not counted (EO-5).
 */
export async function verifyStoredCode(
  executor: Executor,
  attempt: {
    readonly id: string;
    readonly purpose: Purpose;
    readonly codeMacs: readonly Buffer[];
    readonly now: Date;
  },
): Promise<boolean> {
  const isRight = inArray(oneTimeTokens.codeMac, [...attempt.codeMacs]);
  const [row] = await executor
    .update(oneTimeTokens)
    .set({
      failedAttempts: sql`${oneTimeTokens.failedAttempts} + case when ${isRight} then 0 else 1 end`,
    })
    .where(
      and(
        isLive(attempt.purpose, attempt.now),
        eq(oneTimeTokens.id, attempt.id),
        gt(oneTimeTokens.codeExpiresAt, attempt.now),
        lt(oneTimeTokens.failedAttempts, MAX_CODE_ATTEMPTS),
      ),
    )
    .returning({ isRight: sql<boolean>`${isRight}` });
  return row?.isRight ?? false;
}

/** Uses a proof up. Of concurrent calls, exactly one gets the row (PR-1, EO-5). */
export async function spend(
  executor: Executor,
  proof: { readonly id: string; readonly purpose: Purpose; readonly now: Date },
): Promise<OneTimeToken | null> {
  const [row] = await executor
    .update(oneTimeTokens)
    .set({ usedAt: proof.now })
    .where(and(isLive(proof.purpose, proof.now), eq(oneTimeTokens.id, proof.id)))
    .returning();
  return row ?? null;
}

/** Aborts its transaction while a link of these purposes that was mailed to an address is valid. */
export async function requireNoLiveLink(
  tx: Executor,
  about: { readonly purposes: readonly Purpose[]; readonly email: string; readonly now: Date },
): Promise<void> {
  const isOpen = and(
    eq(oneTimeTokens.email, about.email),
    inArray(oneTimeTokens.purpose, [...about.purposes]),
    isNull(oneTimeTokens.usedAt),
    gt(oneTimeTokens.expiresAt, about.now),
  );
  await demand(tx, sql`not exists (select from ${oneTimeTokens} where ${isOpen})`);
}

/**
 * Ends pending proofs of a person. The rows stay, and with them the counted attempts of their addresses: ending
 * a proof must not allow new guesses (EO-2).
 *
 * @param about.purposes only these; all if omitted
 * @param about.exceptEmail the proof of this address stays valid
 * @param about.issuedSince older ones stay valid
 */
export async function endProofsOf(
  executor: Executor,
  about: {
    readonly userId: string;
    readonly now: Date;
    readonly purposes?: readonly Purpose[];
    readonly exceptEmail?: string;
    readonly issuedSince?: Date;
  },
): Promise<void> {
  const { purposes, exceptEmail, issuedSince } = about;
  await executor
    .update(oneTimeTokens)
    .set({ usedAt: about.now })
    .where(
      and(
        isAbout(about.userId),
        isNull(oneTimeTokens.usedAt),
        purposes && inArray(oneTimeTokens.purpose, [...purposes]),
        exceptEmail === undefined ? undefined : ne(oneTimeTokens.email, exceptEmail),
        issuedSince && gte(oneTimeTokens.createdAt, issuedSince),
      ),
    );
}

/** The valid links of these purposes that were mailed to an address about a person. */
export async function listLiveLinks(
  executor: Executor,
  wanted: {
    readonly userId: string;
    readonly email: string;
    readonly purposes: readonly Purpose[];
    readonly now: Date;
  },
): Promise<Pick<OneTimeToken, 'purpose' | 'changeId' | 'expiresAt' | 'ipAddress' | 'userAgent'>[]> {
  return await executor
    .select({
      purpose: oneTimeTokens.purpose,
      changeId: oneTimeTokens.changeId,
      expiresAt: oneTimeTokens.expiresAt,
      ipAddress: oneTimeTokens.ipAddress,
      userAgent: oneTimeTokens.userAgent,
    })
    .from(oneTimeTokens)
    .where(
      and(
        eq(oneTimeTokens.userId, wanted.userId),
        eq(oneTimeTokens.email, wanted.email),
        inArray(oneTimeTokens.purpose, [...wanted.purposes]),
        isNull(oneTimeTokens.usedAt),
        gt(oneTimeTokens.expiresAt, wanted.now),
      ),
    )
    .orderBy(asc(oneTimeTokens.id));
}

/** The accounts that an undo could still move back to an address that is not theirs now. */
export async function listFormerHolders(
  executor: Executor,
  wanted: { readonly email: string; readonly purposes: readonly Purpose[]; readonly now: Date },
): Promise<string[]> {
  const rows = await executor
    .select({ userId: users.id })
    .from(oneTimeTokens)
    .innerJoin(users, eq(users.id, oneTimeTokens.userId))
    .where(
      and(
        eq(oneTimeTokens.email, wanted.email),
        ne(users.email, wanted.email),
        inArray(oneTimeTokens.purpose, [...wanted.purposes]),
        isNull(oneTimeTokens.usedAt),
        gt(oneTimeTokens.expiresAt, wanted.now),
      ),
    )
    .groupBy(users.id);
  return rows.map(({ userId }) => userId);
}

/**
 * Ends links that undo a change (PR-12, rule 6): those of `ofChanges` that were mailed to this address, and
 * those of `sinceThen` that were mailed to any other.
 */
export async function endUndoLinks(
  executor: Executor,
  about: {
    readonly userId: string;
    readonly email: string;
    readonly purposes: readonly Purpose[];
    readonly ofChanges: readonly string[];
    readonly sinceThen: readonly string[];
    readonly now: Date;
  },
): Promise<void> {
  const here = eq(oneTimeTokens.email, about.email);
  const elsewhere = ne(oneTimeTokens.email, about.email);
  await executor
    .update(oneTimeTokens)
    .set({ usedAt: about.now })
    .where(
      and(
        eq(oneTimeTokens.userId, about.userId),
        inArray(oneTimeTokens.purpose, [...about.purposes]),
        isNull(oneTimeTokens.usedAt),
        or(
          and(here, inArray(oneTimeTokens.changeId, [...about.ofChanges])),
          and(elsewhere, inArray(oneTimeTokens.changeId, [...about.sinceThen])),
        ),
      ),
    );
}

/**
 * Deletes every proof of a person (DR-5).
 *
 * @returns the addresses that they were mailed to, and their purposes
 */
export function deleteProofsOf(
  executor: Executor,
  userId: string,
): Promise<Pick<OneTimeToken, 'email' | 'purpose'>[]> {
  return executor
    .delete(oneTimeTokens)
    .where(isAbout(userId))
    .returning({ email: oneTimeTokens.email, purpose: oneTimeTokens.purpose });
}

/** Deletes the proofs that were mailed to an address; with `spent`, only those that are no longer valid. */
export async function deleteProofsTo(
  executor: Executor,
  about: { readonly email: string; readonly spent: boolean },
): Promise<void> {
  await executor
    .delete(oneTimeTokens)
    .where(
      and(
        eq(oneTimeTokens.email, about.email),
        about.spent ? isNotNull(oneTimeTokens.usedAt) : undefined,
      ),
    );
}

/**
 * Removes proofs a day after their end, including those for addresses without an account. By then the counted
 * attempts of the row have expired too, so removing it allows no new guesses (EO-2).
 */
export function purgeOneTimeTokens(executor: Executor, page: PurgePage): Promise<PurgedPage> {
  const { id: key, expiresAt, budgetResetsAt } = oneTimeTokens;
  const madeBefore = after(page.now, -DAY);
  const isOver = and(lt(expiresAt, madeBefore), lt(budgetResetsAt, page.now));
  return purgePage(executor, { table: oneTimeTokens, key, madeBefore, isOver }, page);
}

function isHeldBy({ userId, subject }: Holder) {
  return and(
    userId === undefined ? undefined : eq(oneTimeTokens.userId, userId),
    subject === undefined ? undefined : eq(oneTimeTokens.subject, subject),
  );
}

function isAbout(userId: string) {
  return or(eq(oneTimeTokens.userId, userId), eq(oneTimeTokens.subject, userId));
}

function isLive(purpose: Purpose, now: Date) {
  return and(
    eq(oneTimeTokens.purpose, purpose),
    isNull(oneTimeTokens.usedAt),
    gt(oneTimeTokens.expiresAt, now),
  );
}
