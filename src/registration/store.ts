import { and, desc, eq, gt, isNotNull, isNull, lt, notInArray, or, sql } from 'drizzle-orm';
import type { Executor } from '../db/driver/client.ts';
import { run } from '../db/executor.ts';
import { type PurgedPage, type PurgePage, purgePage } from '../db/purge-page.ts';
import { oneTimeTokens } from '../db/tables/one-time-token.ts';
import { type Registration, registrations } from '../db/tables/registration.ts';
import { users } from '../db/tables/user.ts';
import { after, HOUR } from '../kernel/duration.ts';

/** So many registrations of one address may activate with their password (PR-11). */
const MAX_WAITING = 5;

/**
 * Makes everybody who changes the registrations of an address take turns until the transaction ends.
 * Take it after the person's row and before the proofs.
 */
export async function lockRegistrations(executor: Executor, email: string): Promise<void> {
  await executor.execute(
    sql`select pg_advisory_xact_lock(hashtextextended(${`registrations ${email}`}, 0))`,
  );
}

/** The registration of a token, ended or not; null for a token that is none (any more). */
export async function findRegistration(
  executor: Executor,
  wanted: { readonly tokenHash: Buffer; readonly now: Date },
): Promise<Registration | null> {
  const [registration] = await executor
    .select()
    .from(registrations)
    .where(
      and(eq(registrations.tokenHash, wanted.tokenHash), gt(registrations.expiresAt, wanted.now)),
    );
  return registration ?? null;
}

/** Whether any registration waits for an address that nobody has an account with. */
export async function isAwaited(
  executor: Executor,
  wanted: { readonly email: string; readonly now: Date },
): Promise<boolean> {
  const [found] = await executor
    .select({ one: sql`1` })
    .from(registrations)
    .where(isWaiting(wanted.email, wanted.now))
    .limit(1);
  return found !== undefined;
}

/**
 * Writes a registration beside the others of its address, and takes from all but the newest five the
 * right to activate with their password. One for an address that has an account has ended before it
 * began: it goes on answering as it does now when the address is free again.
 *
 * @param replaces the registration whose browser has chosen another password
 */
export async function insertRegistration(
  executor: Executor,
  registration: Registration,
  replaces: string | null,
): Promise<void> {
  await Promise.all([
    executor.delete(registrations).where(sql`${registrations.id} = ${replaces}::uuid`),
    executor.insert(registrations).values({ ...registration, ...unlessTaken(registration) }),
    keepNewest(executor, registration),
  ]);
}

/**
 * Makes a registration the newest of its address again, with a fresh hash of the same password: also
 * one that had lost the right to activate, or that had ended when the address had an account.
 */
export async function renewRegistration(
  executor: Executor,
  registration: Registration,
): Promise<void> {
  const { id, email, renewedAt, expiresAt } = registration;
  await Promise.all([
    executor
      .update(registrations)
      .set({ email, renewedAt, expiresAt, ...unlessTaken(registration) })
      .where(eq(registrations.id, id)),
    keepNewest(executor, registration),
  ]);
}

/** What a registration may activate with: nothing where the address has an account. */
function unlessTaken({ email, name, passwordHash, renewedAt }: Registration) {
  const isTaken = sql`exists (select from ${users} where ${users.email} = ${email})`;
  return {
    name: sql`case when ${isTaken} then null else ${name}::text end`,
    passwordHash: sql`case when ${isTaken} then null else ${passwordHash}::text end`,
    endedAt: sql`case when ${isTaken} then ${renewedAt.toISOString()}::timestamptz end`,
  };
}

async function keepNewest(
  executor: Executor,
  { email, renewedAt }: Pick<Registration, 'email' | 'renewedAt'>,
): Promise<void> {
  if (email === null) return;
  const mayActivate = and(isWaiting(email, renewedAt), isNotNull(registrations.passwordHash));
  const newest = executor
    .select({ id: registrations.id })
    .from(registrations)
    .where(mayActivate)
    .orderBy(desc(registrations.renewedAt), desc(registrations.id))
    .limit(MAX_WAITING);
  await executor
    .update(registrations)
    .set({ passwordHash: null })
    .where(and(mayActivate, notInArray(registrations.id, newest)));
}

/**
 * Takes a registration out, to make an account of it.
 *
 * @returns false when it may not activate any more; a registration keeps its id and its password
 */
export async function takeRegistration(executor: Executor, id: string): Promise<boolean> {
  const taken = await executor
    .delete(registrations)
    .where(
      and(
        eq(registrations.id, id),
        isNotNull(registrations.passwordHash),
        isNull(registrations.endedAt),
      ),
    )
    .returning({ id: registrations.id });
  return taken.length === 1;
}

/** The address has an account: what still waits for it only goes on answering `login` (PR-11). */
export async function endRegistrations(
  executor: Executor,
  about: { readonly email: string; readonly now: Date },
): Promise<void> {
  await executor
    .update(registrations)
    .set({ endedAt: about.now, passwordHash: null, name: null })
    .where(and(eq(registrations.email, about.email), isNull(registrations.endedAt)));
}

/** Erases an address whose account is deleted (DR-5). The rows go on answering until they expire. */
export async function forgetRegisteredAddress(
  executor: Executor,
  about: { readonly email: string; readonly now: Date },
): Promise<void> {
  await executor
    .update(registrations)
    .set({ email: null, name: null, passwordHash: null, endedAt: about.now })
    .where(eq(registrations.email, about.email));
}

/**
 * Removes registrations that nobody proved in time, and those that could do nothing any more: they
 * have neither a password nor a proof that lives.
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
  const isOver = or(lt(expiresAt, madeBefore), isIdle);
  return run(executor, purgePage({ table: registrations, key, madeBefore, isOver }, page));
}

function isWaiting(email: string, now: Date) {
  return and(
    eq(registrations.email, email),
    isNull(registrations.endedAt),
    gt(registrations.expiresAt, now),
  );
}
