import {
  and,
  desc,
  eq,
  gt,
  gte,
  inArray,
  isNotNull,
  isNull,
  lt,
  ne,
  notInArray,
  or,
  sql,
} from 'drizzle-orm';
import type { Executor } from '../db/executor.ts';
import { run } from '../db/executor.ts';
import { type PurgedPage, type PurgePage, purgePage } from '../db/purge-page.ts';
import { build, firstRow, map, noRows, rowCount, rows, type Statement } from '../db/statement.ts';
import { oneTimeTokens } from '../db/tables/one-time-token.ts';
import { mailOutbox } from '../db/tables/outbox.ts';
import { type Registration, registrations } from '../db/tables/registration.ts';
import { users } from '../db/tables/user.ts';
import { after, HOUR } from '../kernel/duration.ts';

/** How many registrations of one address may activate with their password (PR-11). */
const MAX_WAITING = 5;

/**
 * Makes transactions that change the registrations of an address wait for each other. Take the lock after
 * the person's row and before the proofs.
 */
export function lockRegistrations(email: string): Statement<void> {
  const key = `registrations ${email}`;
  return noRows(sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`);
}

/** Reads the registration of a token, ended or not; null if the token has none. */
export function findRegistration(wanted: {
  readonly tokenHash: Buffer;
  readonly now: Date;
}): Statement<Registration | null> {
  const { tokenHash, now } = wanted;
  return firstRow(
    build
      .select()
      .from(registrations)
      .where(and(eq(registrations.tokenHash, tokenHash), gt(registrations.expiresAt, now))),
  );
}

/** A registration that waits for the proof of its address, as administrators see it. */
export type WaitingRegistration = {
  readonly email: string;
  /** When `register` was last called for it. */
  readonly requestedAt: Date;
  readonly expiresAt: Date;
  /** The mails with a proof of the address that the mail server has accepted since the registration was made. */
  readonly mailsSent: number;
};

/** The registrations that wait for an address, newest first, at most {@link LISTED}. */
export function listWaiting(wanted: {
  readonly email: string;
  readonly now: Date;
}): Statement<readonly WaitingRegistration[]> {
  const sent = build
    .select({ n: sql`count(*)::int` })
    .from(mailOutbox)
    .where(
      and(
        eq(mailOutbox.recipient, wanted.email),
        inArray(mailOutbox.template, ['verify-email', 'prove-address']),
        ne(mailOutbox.queue, 'decoy'),
        isNotNull(mailOutbox.sentAt),
        gte(mailOutbox.createdAt, registrations.createdAt),
      ),
    );
  return rows(
    build
      .select({
        email: sql<string>`${registrations.email}`,
        requestedAt: registrations.renewedAt,
        expiresAt: registrations.expiresAt,
        mailsSent: sql<number>`(${sent})`,
      })
      .from(registrations)
      .where(isWaiting(wanted.email, wanted.now))
      .orderBy(desc(registrations.renewedAt), desc(registrations.id))
      .limit(LISTED),
  );
}

/** A stranger can make an address wait for many registrations; nobody needs to see them all. */
const LISTED = 100;

/** True if a registration waits for an address that has no account. */
export function isAwaited(wanted: {
  readonly email: string;
  readonly now: Date;
}): Statement<boolean> {
  const found = build
    .select({ one: sql`1` })
    .from(registrations)
    .where(isWaiting(wanted.email, wanted.now))
    .limit(1);
  return map(firstRow(found), (row) => row !== null);
}

/**
 * Inserts a registration beside the others of its address. All but the newest five lose the right to
 * activate with their password. If the address has an account, the registration has ended from the start;
 * it keeps answering in the same way when the address is free again.
 *
 * @param replaces the earlier registration of the same browser, which has chosen another password
 */
export function insertRegistration(
  registration: Registration,
  replaces: string | null,
): readonly Statement<void>[] {
  return [
    noRows(build.delete(registrations).where(sql`${registrations.id} = ${replaces}::uuid`)),
    noRows(build.insert(registrations).values({ ...registration, ...unlessTaken(registration) })),
    ...keepNewest(registration),
  ];
}

/**
 * Makes a registration the newest of its address again, with a new hash of the same password. This also
 * renews a registration that had lost the right to activate, or that had ended when the address had an
 * account.
 */
export function renewRegistration(registration: Registration): readonly Statement<void>[] {
  const { id, email, renewedAt, expiresAt } = registration;
  return [
    noRows(
      build
        .update(registrations)
        .set({ email, renewedAt, expiresAt, ...unlessTaken(registration) })
        .where(eq(registrations.id, id)),
    ),
    ...keepNewest(registration),
  ];
}

/** The values that a registration may activate with: none if the address has an account. */
function unlessTaken({ email, name, passwordHash, renewedAt }: Registration) {
  const isTaken = sql`exists (select from ${users} where ${users.email} = ${email})`;
  return {
    name: sql`case when ${isTaken} then null else ${name}::text end`,
    passwordHash: sql`case when ${isTaken} then null else ${passwordHash}::text end`,
    endedAt: sql`case when ${isTaken} then ${renewedAt.toISOString()}::timestamptz end`,
  };
}

function keepNewest({
  email,
  renewedAt,
}: Pick<Registration, 'email' | 'renewedAt'>): readonly Statement<void>[] {
  if (email === null) return [];
  const mayActivate = and(isWaiting(email, renewedAt), isNotNull(registrations.passwordHash));
  const newest = build
    .select({ id: registrations.id })
    .from(registrations)
    .where(mayActivate)
    .orderBy(desc(registrations.renewedAt), desc(registrations.id))
    .limit(MAX_WAITING);
  return [
    noRows(
      build
        .update(registrations)
        .set({ passwordHash: null })
        .where(and(mayActivate, notInArray(registrations.id, newest))),
    ),
  ];
}

/**
 * Removes a registration, to make an account of it.
 *
 * @returns false if it may not activate any more; the registration then stays as it is
 */
export function takeRegistration(id: string): Statement<boolean> {
  const taken = build
    .delete(registrations)
    .where(
      and(
        eq(registrations.id, id),
        isNotNull(registrations.passwordHash),
        isNull(registrations.endedAt),
      ),
    );
  return map(rowCount(taken), (count) => count === 1);
}

/** Ends what still waits for an address that now has an account: it only keeps answering `login` (PR-11). */
export function endRegistrations(about: {
  readonly email: string;
  readonly now: Date;
}): Statement<void> {
  return noRows(
    build
      .update(registrations)
      .set({ endedAt: about.now, passwordHash: null, name: null })
      .where(and(eq(registrations.email, about.email), isNull(registrations.endedAt))),
  );
}

/** Erases an address whose account is deleted (DR-5). The rows keep answering until they expire. */
export function forgetRegisteredAddress(about: {
  readonly email: string;
  readonly now: Date;
}): Statement<void> {
  return noRows(
    build
      .update(registrations)
      .set({ email: null, name: null, passwordHash: null, endedAt: about.now })
      .where(eq(registrations.email, about.email)),
  );
}

/**
 * Removes registrations whose address was not proven in time, and registrations that have neither a password
 * nor a live proof and therefore can never activate.
 */
export function purgeRegistrations(executor: Executor, page: PurgePage): Promise<PurgedPage> {
  const { id: key, expiresAt, endedAt, passwordHash } = registrations;
  const madeBefore = after(page.now, -HOUR);
  const proof = and(
    eq(oneTimeTokens.purpose, 'verify-email'),
    eq(oneTimeTokens.email, sql`${registrations.email}`),
    eq(oneTimeTokens.codeHolder, key),
    isNull(oneTimeTokens.usedAt),
    gt(oneTimeTokens.expiresAt, page.now),
  );
  const isIdle = and(
    isNull(passwordHash),
    isNull(endedAt),
    sql`not exists (select from ${oneTimeTokens} where ${proof})`,
  );
  const isExpired = or(lt(expiresAt, madeBefore), isIdle);
  return run(executor, purgePage({ table: registrations, key, madeBefore, isExpired }, page));
}

function isWaiting(email: string, now: Date) {
  return and(
    eq(registrations.email, email),
    isNull(registrations.endedAt),
    gt(registrations.expiresAt, now),
  );
}
