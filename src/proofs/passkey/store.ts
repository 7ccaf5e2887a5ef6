import { and, asc, count, eq, lt, type SQL, sql } from 'drizzle-orm';
import { type PurgedPage, type PurgePage, purgePage } from '../../db/purge-page.ts';
import { columnsOf } from '../../db/selection.ts';
import {
  build,
  firstRow,
  hasRows,
  hotStatement,
  map,
  noRows,
  rows,
  type Statement,
} from '../../db/statement.ts';
import {
  type Passkey,
  passkeyHandles,
  passkeys,
  spentCeremonies,
} from '../../db/tables/passkey.ts';
import { type User, users } from '../../db/tables/user.ts';
import { after, HOUR } from '../../kernel/duration.ts';
import { CEREMONY_LIFETIME, type Ceremony } from './ceremony.ts';

/**
 * Spends a ceremony. Of any number of presentations of one token, exactly one is answered with true (PK-1a):
 * the primary key decides.
 */
export function spendCeremony({ id, expiresAt }: Ceremony): Statement<boolean> {
  return hasRows(
    build
      .insert(spentCeremonies)
      .values({ id, expiresAt })
      .onConflictDoNothing()
      .returning({ id: spentCeremonies.id }),
  );
}

/** An instance whose clock is behind accepts a token a little longer, and must still find it spent (PK-1a). */
const KEPT_AFTER_END = HOUR;

/** Removes the spent ceremonies whose token expired more than an hour ago. */
export function purgeSpentCeremonies(page: PurgePage): Statement<PurgedPage> {
  const { id: key, expiresAt } = spentCeremonies;
  const endedBefore = after(page.now, -KEPT_AFTER_END);
  const madeBefore = after(endedBefore, -CEREMONY_LIFETIME);
  const isExpired = lt(expiresAt, endedBefore);
  return purgePage({ table: spentCeremonies, key, madeBefore, isExpired }, page);
}

/** A passkey with the person it belongs to, and their user handle. */
export type OwnedPasskey = {
  readonly passkey: Passkey;
  readonly user: User;
  readonly userHandle: Buffer;
};

/** The passkey with a credential id, whoever has it. */
export function findPasskeyByCredential(credentialId: Buffer): Statement<OwnedPasskey | null> {
  return firstRow(
    build
      .select({ passkey: passkeys, user: users, userHandle: passkeyHandles.handle })
      .from(passkeys)
      .innerJoin(users, eq(users.id, passkeys.userId))
      .innerJoin(passkeyHandles, eq(passkeyHandles.userId, passkeys.userId))
      .where(eq(passkeys.credentialId, credentialId)),
  );
}

/** The passkeys of a person, oldest first. */
export function listPasskeys(userId: string): Statement<readonly Passkey[]> {
  return rows(
    build.select().from(passkeys).where(eq(passkeys.userId, userId)).orderBy(asc(passkeys.id)),
  );
}

/** The passkeys of these people, oldest first. */
export function listPasskeysOf(userIds: readonly string[]): Statement<readonly Passkey[]> {
  return selectOfPeople({ userIds });
}

const PASSKEY = columnsOf(passkeys);

const selectOfPeople = hotStatement<{ userIds: readonly string[] }, Passkey>(
  (value) => sql`
    select ${PASSKEY.columns} from ${passkeys}
    where ${passkeys.userId} = any(${value('userIds')}::uuid[]) order by ${passkeys.id}`,
  PASSKEY,
);

/** How many passkeys a person has. Decide by it under the lock of the person's row. */
export function countPasskeys(userId: string): Statement<number> {
  return map(
    firstRow(build.select({ found: count() }).from(passkeys).where(eq(passkeys.userId, userId))),
    (row) => row?.found ?? 0,
  );
}

/** The user handle of a person; null for a person who never had a passkey. */
export function findUserHandle(userId: string): Statement<Buffer | null> {
  return map(
    firstRow(build.select().from(passkeyHandles).where(eq(passkeyHandles.userId, userId))),
    (row) => row?.handle ?? null,
  );
}

/** Stores the user handle of the first passkey. Does nothing for a person who has one. */
export function insertUserHandle(userId: string, handle: Buffer): Statement<void> {
  return noRows(build.insert(passkeyHandles).values({ userId, handle }).onConflictDoNothing());
}

/** @returns null if the credential id exists already, in whatever account (PK-4a) */
export function insertPasskey(passkey: Passkey): Statement<Passkey | null> {
  return firstRow(
    build
      .insert(passkeys)
      .values(passkey)
      .onConflictDoNothing({ target: passkeys.credentialId })
      .returning(),
  );
}

/** Renames a passkey of the person; null if the person has no such passkey. */
export function setPasskeyName(change: {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
}): Statement<Passkey | null> {
  return firstRow(
    build
      .update(passkeys)
      .set({ name: change.name })
      .where(and(eq(passkeys.id, change.id), eq(passkeys.userId, change.userId)))
      .returning(),
  );
}

/** Deletes one passkey of a person; null if the person has no such passkey. */
export function deletePasskey(wanted: {
  readonly id: string;
  readonly userId: string;
}): Statement<Passkey | null> {
  return firstRow(
    build
      .delete(passkeys)
      .where(and(eq(passkeys.id, wanted.id), eq(passkeys.userId, wanted.userId)))
      .returning(),
  );
}

/** Deletes all passkeys of a person (PR-8). */
export function deletePasskeys(userId: string): Statement<void> {
  return noRows(build.delete(passkeys).where(eq(passkeys.userId, userId)));
}

/** Deletes the user handle of a person, so that their next passkey gets another one (PR-8). */
export function deleteUserHandle(userId: string): Statement<void> {
  return noRows(build.delete(passkeyHandles).where(eq(passkeyHandles.userId, userId)));
}

/** A verified use of a passkey. */
export type PasskeyUse = {
  readonly id: string;
  readonly counter: number;
  readonly backedUp: boolean;
  readonly now: Date;
  /** A counter that did not rise is reported unless that happened after this time. */
  readonly quietSince: Date;
};

/**
 * Records a verified use: counter, backup state and time in one conditional update (PK-3b). The counter of a
 * passkey that is bound to one device must have risen, or be 0 as ever. For a synced passkey, a counter that did
 * not rise is a signal and no proof of a copy: its devices count apart (L3 6.1.1). The counter never falls.
 *
 * @returns whether a counter that did not rise is to be reported; null if the counter of a device-bound passkey
 *   did not rise, or the passkey was removed
 */
export function recordUse(use: PasskeyUse): Statement<{ readonly isAlarm: boolean } | null> {
  const counter = sql`${use.counter}::bigint`;
  const now = sql`${use.now}::timestamptz`;
  const hasRisen = sql`(${counter} > before.counter or (${counter} = 0 and before.counter = 0))`;
  const isAlarm = sql`(not ${hasRisen} and ${isQuietSince(sql`before.counter_alarm_at`, use)})`;
  return firstRow(
    sql<{ readonly isAlarm: boolean }>`
      update ${passkeys} set
        counter = greatest(before.counter, ${counter}),
        backed_up = ${use.backedUp},
        last_used_at = ${now},
        counter_alarm_at = case when ${isAlarm} then ${now} else before.counter_alarm_at end
      from (
        select id, counter, counter_alarm_at from ${passkeys}
        where ${passkeys.id} = ${use.id}::uuid for update
      ) as before
      where ${passkeys.id} = before.id and (${passkeys.backupEligible} or ${hasRisen})
      returning ${isAlarm} as "isAlarm"`,
  );
}

/**
 * Marks a device-bound passkey whose counter did not rise.
 *
 * @returns the passkey if this is to be reported; null if it was reported a short time ago
 */
export function recordCounterAlarm(
  alarm: Pick<PasskeyUse, 'id' | 'now' | 'quietSince'>,
): Statement<Passkey | null> {
  const isQuiet = isQuietSince(sql`${passkeys.counterAlarmAt}`, alarm);
  return firstRow(
    build
      .update(passkeys)
      .set({ counterAlarmAt: alarm.now })
      .where(and(eq(passkeys.id, alarm.id), isQuiet))
      .returning(),
  );
}

function isQuietSince(alarmAt: SQL, { quietSince }: Pick<PasskeyUse, 'quietSince'>): SQL {
  return sql`(${alarmAt} is null or ${alarmAt} < ${quietSince}::timestamptz)`;
}
