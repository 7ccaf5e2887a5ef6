import { sql } from 'drizzle-orm';
import { firstRow, map, type Statement } from '../../db/statement.ts';
import { backupCodes, emailFactors, totpFactors } from '../../db/tables/second-factor.ts';
import type { User } from '../../db/tables/user.ts';
import { type PersonKey, personStatement } from '../../user/person-key.ts';
import { restsOnMailbox, type SecondFactorMethod } from './method.ts';

/** The second factors that a person has enrolled. */
export type EnrolledFactors = {
  readonly totp: boolean;
  readonly email: boolean;
  readonly backupCodesRemaining: number;
};

/** Reads all second factors in one statement, so that they are of one moment. */
export function enrolledSecondFactors(person: PersonKey): Statement<EnrolledFactors> {
  return map(
    firstRow(selectFactors(person)),
    (row) => row ?? { totp: false, email: false, backupCodesRemaining: 0 },
  );
}

const selectFactors = personStatement<EnrolledFactors>(
  (userId) => sql`
    select
      exists (select from ${totpFactors}
        where ${totpFactors.userId} = ${userId} and ${totpFactors.confirmedAt} is not null) as totp,
      exists (select from ${emailFactors} where ${emailFactors.userId} = ${userId}) as email,
      (select count(*)::int from ${backupCodes}
        where ${backupCodes.userId} = ${userId} and ${backupCodes.usedAt} is null)
        as "backupCodesRemaining"`,
);

/** True if the person must prove a second factor. Backup codes alone do not count: they replace a factor. */
export function requiresSecondFactor(factors: EnrolledFactors): boolean {
  return factors.totp || factors.email;
}

/** The second factors that this person may use, given the factors already proven (EO-6). */
export function offeredMethods(
  factors: EnrolledFactors,
  proven: readonly string[],
  user: Pick<User, 'passwordFromMail'>,
): SecondFactorMethod[] {
  const methods: SecondFactorMethod[] = [];
  if (factors.totp) methods.push('TOTP');
  if (factors.email && !restsOnMailbox(proven, user)) methods.push('EMAIL');
  if (factors.backupCodesRemaining > 0) methods.push('BACKUP_CODE');
  return methods;
}
