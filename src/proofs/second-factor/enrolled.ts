import { type SQL, sql } from 'drizzle-orm';
import type { Config } from '../../config.ts';
import { firstRow, hotStatement, map, type Statement } from '../../db/statement.ts';
import { passkeyFactors, passkeys } from '../../db/tables/passkey.ts';
import { backupCodes, emailFactors, totpFactors } from '../../db/tables/second-factor.ts';
import type { User } from '../../db/tables/user.ts';
import { type PersonKey, personStatement } from '../../user/person-key.ts';
import { restsOnMailbox, type SecondFactorMethod } from './method.ts';

/** The second factors that a person has enrolled. */
export type EnrolledFactors = {
  /** True if the person made their passkeys a second factor and still has one (PK-5c). */
  readonly passkey: boolean;
  readonly totp: boolean;
  readonly email: boolean;
  readonly backupCodesRemaining: number;
  /** True if the person has a passkey, a second factor or not. It can be proven instead of any factor. */
  readonly hasPasskeys: boolean;
};

/** The factors of a person who has none. */
export const NO_FACTORS: EnrolledFactors = {
  passkey: false,
  totp: false,
  email: false,
  backupCodesRemaining: 0,
  hasPasskeys: false,
};

/** Reads all second factors in one statement, so that they are of one moment. */
export function enrolledSecondFactors(person: PersonKey): Statement<EnrolledFactors> {
  return map(firstRow(selectFactors(person)), (row) => row ?? NO_FACTORS);
}

const selectFactors = personStatement<EnrolledFactors>((userId) => factorsOf(userId));

/** The same for many people, by their ids. */
export function enrolledSecondFactorsOf(
  userIds: readonly string[],
): Statement<ReadonlyMap<string, EnrolledFactors>> {
  return map(
    selectFactorsOfMany({ userIds }),
    (found) => new Map(found.map(({ userId, ...factors }) => [userId, factors])),
  );
}

const selectFactorsOfMany = hotStatement<
  { userIds: readonly string[] },
  EnrolledFactors & { readonly userId: string }
>(
  (value) => sql`
    select person.id as "userId", factors.*
    from unnest(${value('userIds')}::uuid[]) as person (id),
      lateral (${factorsOf(sql`person.id`)}) as factors`,
);

function factorsOf(userId: SQL): SQL {
  return sql`
    select
      owned as "hasPasskeys",
      owned and exists (select from ${passkeyFactors}
        where ${passkeyFactors.userId} = ${userId}) as passkey,
      exists (select from ${totpFactors}
        where ${totpFactors.userId} = ${userId} and ${totpFactors.confirmedAt} is not null) as totp,
      exists (select from ${emailFactors} where ${emailFactors.userId} = ${userId}) as email,
      (select count(*)::int from ${backupCodes}
        where ${backupCodes.userId} = ${userId} and ${backupCodes.usedAt} is null)
        as "backupCodesRemaining"
    from (select exists (select from ${passkeys} where ${passkeys.userId} = ${userId}) as owned) as own`;
}

/**
 * Since when a person proves more than one factor; null if they cannot. Enrolling a further factor requires the first one, so
 * with several the oldest counts. Nobody with passkeys alone has to prove one to add another, so there the newest counts.
 */
export function secondFactorSince(userId: string): Statement<Date | null> {
  return map(firstRow(selectSince({ userId })), (row) => row?.since ?? null);
}

const selectSince = hotStatement<{ userId: string }, { readonly since: Date | null }>((value) => {
  const userId = sql`${value('userId')}::uuid`;
  return sql`select coalesce(
    (select min(at) from (
      select ${passkeyFactors.confirmedAt} as at from ${passkeyFactors}
        where ${passkeyFactors.userId} = ${userId}
          and exists (select from ${passkeys} where ${passkeys.userId} = ${userId})
      union all select ${totpFactors.confirmedAt} from ${totpFactors} where ${totpFactors.userId} = ${userId}
      union all select ${emailFactors.confirmedAt} from ${emailFactors} where ${emailFactors.userId} = ${userId}
    ) as enrolled),
    (select max(${passkeys.createdAt}) from ${passkeys} where ${passkeys.userId} = ${userId})) as since`;
});

/** True if the person must prove a second factor. Backup codes alone do not count: they replace a factor. */
export function requiresSecondFactor(factors: EnrolledFactors): boolean {
  return factors.passkey || factors.totp || factors.email;
}

/** The second factors that this person may use, given the factors already proven (EO-6). */
export function offeredMethods(
  { passkeys }: Pick<Config, 'passkeys'>,
  factors: EnrolledFactors,
  proven: readonly string[],
  user: Pick<User, 'passwordFromMail'>,
): SecondFactorMethod[] {
  const methods: SecondFactorMethod[] = [];
  if (factors.passkey && passkeys.enabled) methods.push('PASSKEY');
  if (factors.totp) methods.push('TOTP');
  if (factors.email && !restsOnMailbox(proven, user)) methods.push('EMAIL');
  if (factors.backupCodesRemaining > 0) methods.push('BACKUP_CODE');
  return methods;
}
