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
import { assertInTransaction } from '../../db/pipeline.ts';
import { type PurgedPage, type PurgePage, purgePage } from '../../db/purge-page.ts';
import { build, firstRow, map, noRows, rows, type Statement } from '../../db/statement.ts';
import { type OneTimeToken, oneTimeTokens } from '../../db/tables/one-time-token.ts';
import { users } from '../../db/tables/user.ts';
import { after, DAY } from '../../kernel/duration.ts';
import { isPurpose, MAX_CODE_ATTEMPTS, type Purpose } from './purpose.ts';

/**
 * Replaces the older proof of the same purpose, address and subject (PR-1). The counted attempts stay until
 * their own time has passed; otherwise, another mail would allow new guesses (EO-2).
 */
export function replaceOneTimeToken(token: OneTimeToken): Statement<void> {
  const { purpose: _purpose, email: _email, subject: _subject, ...row } = token;
  const { failedAttempts: _, budgetResetsAt, ...fresh } = row;
  const budgetIsOver = sql`${oneTimeTokens.budgetResetsAt} <= ${token.createdAt.toISOString()}::timestamptz`;
  return noRows(
    build
      .insert(oneTimeTokens)
      .values(token)
      .onConflictDoUpdate({
        target: [oneTimeTokens.purpose, oneTimeTokens.email, oneTimeTokens.subject],
        set: {
          ...fresh,
          failedAttempts: sql`case when ${budgetIsOver} then 0 else ${oneTimeTokens.failedAttempts} end`,
          budgetResetsAt: sql`case when ${budgetIsOver} then ${budgetResetsAt.toISOString()}::timestamptz else ${oneTimeTokens.budgetResetsAt} end`,
        },
      }),
  );
}

/**
 * Inserts a proof of an address in addition to existing ones: the mails of one address do not invalidate each
 * other (PR-11). The code is valid only if the mail is sent at once, because a mail that is sent ten minutes
 * later contains no code.
 */
export function insertAddressProof(
  proof: OneTimeToken,
  mail: { readonly isRefused: SQL; readonly scheduledAt: SQL },
): Statement<void> {
  const sentAt = sql`${proof.createdAt.toISOString()}::timestamptz`;
  const codeExpiresAt = sql`${proof.codeExpiresAt.toISOString()}::timestamptz`;
  const isDelayed = sql`(${mail.isRefused} or ${mail.scheduledAt} > ${sentAt})`;
  return noRows(
    build.insert(oneTimeTokens).values({
      ...proof,
      subject: proof.id,
      codeExpiresAt: sql`case when ${isDelayed} then ${sentAt} else ${codeExpiresAt} end`,
    }),
  );
}

/** The valid codes that were mailed to an address for one registration or account, oldest first. */
export function listAddressCodes(wanted: {
  readonly email: string;
  readonly holder: string;
  readonly now: Date;
}): Statement<readonly (ProofRow & Pick<OneTimeToken, 'codeMac'>)[]> {
  return rows(
    build
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
      .orderBy(oneTimeTokens.id),
  );
}

/** Ends every proof of an address: the first one that was used created the account (PR-11). */
export function endAddressProofs(about: {
  readonly email: string;
  readonly now: Date;
}): Statement<void> {
  return noRows(
    build
      .update(oneTimeTokens)
      .set({ usedAt: about.now })
      .where(
        and(
          eq(oneTimeTokens.purpose, 'verify-email'),
          eq(oneTimeTokens.email, about.email),
          isNull(oneTimeTokens.usedAt),
        ),
      ),
  );
}

/** The address, person and subject of a proof, which can be read without using the proof. */
export type ProofRow = Pick<OneTimeToken, 'id' | 'email' | 'userId' | 'subject'>;

const PROOF_ROW = {
  id: oneTimeTokens.id,
  email: oneTimeTokens.email,
  userId: oneTimeTokens.userId,
  subject: oneTimeTokens.subject,
};

/** The required holder of a proof: a person, a subject, or both. */
export type Holder =
  | { readonly userId: string; readonly subject?: string }
  | { readonly userId?: never; readonly subject: string };

/**
 * The newest row that a code may belong to. Its id is part of what the code's MAC covers. The statement itself
 * selects the holder: a newer proof of somebody else for the same address must not hide the holder's own.
 */
export function findLiveByEmail(wanted: {
  readonly purpose: Purpose;
  readonly email: string;
  readonly holder: Holder | null;
  readonly now: Date;
}): Statement<ProofRow | null> {
  const { holder } = wanted;
  return firstRow(
    build
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
      .limit(1),
  );
}

/** Finds a valid proof by its subject, without using it up. For purposes whose subjects are secrets. */
export function findLiveBySubject(wanted: {
  readonly purpose: Purpose;
  readonly subject: string;
  readonly now: Date;
}): Statement<ProofRow | null> {
  const { purpose, subject, now } = wanted;
  return firstRow(
    build
      .select(PROOF_ROW)
      .from(oneTimeTokens)
      .where(and(isLive(purpose, now), eq(oneTimeTokens.subject, subject))),
  );
}

/** Finds a valid proof by its link's token, without using it up. */
export function findLiveByToken(wanted: {
  readonly purpose: Purpose;
  readonly tokenHash: Buffer;
  readonly holder: Holder | null;
  readonly now: Date;
}): Statement<ProofRow | null> {
  const { purpose, tokenHash, holder, now } = wanted;
  return firstRow(
    build
      .select(PROOF_ROW)
      .from(oneTimeTokens)
      .where(
        and(
          isLive(purpose, now),
          eq(oneTimeTokens.tokenHash, tokenHash),
          holder ? isHeldBy(holder) : undefined,
        ),
      ),
  );
}

/** Finds a valid proof of any purpose by its link's token, without using it up. */
export function findLiveLink(wanted: {
  readonly tokenHash: Buffer;
  readonly now: Date;
}): Statement<(OneTimeToken & { readonly purpose: Purpose }) | null> {
  return map(
    firstRow(
      build
        .select()
        .from(oneTimeTokens)
        .where(
          and(
            eq(oneTimeTokens.tokenHash, wanted.tokenHash),
            isNull(oneTimeTokens.usedAt),
            gt(oneTimeTokens.expiresAt, wanted.now),
          ),
        ),
    ),
    (row) => (row && isPurpose(row.purpose) ? { ...row, purpose: row.purpose } : null),
  );
}

/**
 * Verifies a code, and counts it if it is wrong, in one statement. Concurrent calls wait for the row's lock, so
 * no more codes than allowed are ever verified (RL-6). A right code is not counted (EO-5).
 */
export function verifyStoredCode(attempt: {
  readonly id: string;
  readonly purpose: Purpose;
  readonly codeMacs: readonly Buffer[];
  readonly now: Date;
}): Statement<boolean> {
  const isRight = inArray(oneTimeTokens.codeMac, [...attempt.codeMacs]);
  return map(
    firstRow(
      build
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
        .returning({ isRight: sql<boolean>`${isRight}` }),
    ),
    (row) => row?.isRight ?? false,
  );
}

/** Marks a proof as used. Of concurrent calls, exactly one gets the row (PR-1, EO-5). */
export function spend(proof: {
  readonly id: string;
  readonly purpose: Purpose;
  readonly now: Date;
}): Statement<OneTimeToken | null> {
  return firstRow(
    build
      .update(oneTimeTokens)
      .set({ usedAt: proof.now })
      .where(and(isLive(proof.purpose, proof.now), eq(oneTimeTokens.id, proof.id)))
      .returning(),
  );
}

/** Fails its transaction while a link of these purposes that was mailed to an address works. */
export function requireNoLiveLink(about: {
  readonly purposes: readonly Purpose[];
  readonly email: string;
  readonly now: Date;
}): Statement<void> {
  const isOpen = and(
    eq(oneTimeTokens.email, about.email),
    inArray(oneTimeTokens.purpose, [...about.purposes]),
    isNull(oneTimeTokens.usedAt),
    gt(oneTimeTokens.expiresAt, about.now),
  );
  return assertInTransaction(
    'no-live-link',
    sql`not exists (select from ${oneTimeTokens} where ${isOpen})`,
  );
}

/**
 * Ends pending proofs of a person. The rows stay, and with them the counted attempts of their addresses: ending
 * a proof must not allow new guesses (EO-2).
 *
 * @param about.purposes only these; all if omitted
 * @param about.exceptEmail the proof of this address stays valid
 * @param about.issuedSince older ones stay valid
 */
export function endProofsOf(about: {
  readonly userId: string;
  readonly now: Date;
  readonly purposes?: readonly Purpose[];
  readonly exceptEmail?: string;
  readonly issuedSince?: Date;
}): Statement<void> {
  const { purposes, exceptEmail, issuedSince } = about;
  return noRows(
    build
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
      ),
  );
}

/** The valid links of these purposes that were mailed to an address about a person. */
export function listLiveLinks(wanted: {
  readonly userId: string;
  readonly email: string;
  readonly purposes: readonly Purpose[];
  readonly now: Date;
}): Statement<
  readonly Pick<OneTimeToken, 'purpose' | 'changeId' | 'expiresAt' | 'ipAddress' | 'userAgent'>[]
> {
  return rows(
    build
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
      .orderBy(asc(oneTimeTokens.id)),
  );
}

/** The accounts that an undo could still move back to an address that is not theirs now. */
export function listFormerHolders(wanted: {
  readonly email: string;
  readonly purposes: readonly Purpose[];
  readonly now: Date;
}): Statement<readonly string[]> {
  return map(
    rows(
      build
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
        .groupBy(users.id),
    ),
    (rows) => rows.map(({ userId }) => userId),
  );
}

/**
 * Ends links that undo a change (PR-12, rule 6): those of `ofChanges` that were mailed to this address, and
 * those of `sinceThen` that were mailed to any other.
 */
export function endUndoLinks(about: {
  readonly userId: string;
  readonly email: string;
  readonly purposes: readonly Purpose[];
  readonly ofChanges: readonly string[];
  readonly sinceThen: readonly string[];
  readonly now: Date;
}): Statement<void> {
  const here = eq(oneTimeTokens.email, about.email);
  const elsewhere = ne(oneTimeTokens.email, about.email);
  return noRows(
    build
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
      ),
  );
}

/**
 * Deletes every proof of a person (DR-5).
 *
 * @returns the addresses that they were mailed to, and their purposes
 */
export function deleteProofsOf(
  userId: string,
): Statement<readonly Pick<OneTimeToken, 'email' | 'purpose'>[]> {
  return rows(
    build
      .delete(oneTimeTokens)
      .where(isAbout(userId))
      .returning({ email: oneTimeTokens.email, purpose: oneTimeTokens.purpose }),
  );
}

/** Deletes the proofs that were mailed to an address; with `spent`, only those that are no longer valid. */
export function deleteProofsTo(about: {
  readonly email: string;
  readonly spent: boolean;
}): Statement<void> {
  return noRows(
    build
      .delete(oneTimeTokens)
      .where(
        and(
          eq(oneTimeTokens.email, about.email),
          about.spent ? isNotNull(oneTimeTokens.usedAt) : undefined,
        ),
      ),
  );
}

/**
 * Removes proofs a day after their end, including those for addresses without an account. By then the counted
 * attempts of the row have expired too, so removing it allows no new guesses (EO-2).
 */
export function purgeOneTimeTokens(page: PurgePage): Statement<PurgedPage> {
  const { id: key, expiresAt, budgetResetsAt } = oneTimeTokens;
  const madeBefore = after(page.now, -DAY);
  const isExpired = and(lt(expiresAt, madeBefore), lt(budgetResetsAt, page.now));
  return purgePage({ table: oneTimeTokens, key, madeBefore, isExpired }, page);
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
