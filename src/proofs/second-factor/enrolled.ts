import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm';
import type { Executor } from '../../db/driver/client.ts';
import { type PersonKey, preparedByPerson } from '../../db/person-key.ts';
import { backupCodes, emailFactors, totpFactors } from '../../db/tables/second-factor.ts';
import type { User } from '../../db/tables/user.ts';
import { restsOnMailbox, type SecondFactorMethod } from './method.ts';

/** What a person has set up beside the first factor. */
export type EnrolledFactors = {
  readonly totp: boolean;
  readonly email: boolean;
  readonly backupCodesRemaining: number;
};

/** Reads all of it in one statement, so that it is of one moment. */
export async function enrolledSecondFactors(
  executor: Executor,
  userId: string | PersonKey,
): Promise<EnrolledFactors> {
  const [row] = await readFactors(executor, userId);
  return row ?? { totp: false, email: false, backupCodesRemaining: 0 };
}

const readFactors = preparedByPerson((executor, userId) => {
  const totp = executor
    .select({ one: sql`1` })
    .from(totpFactors)
    .where(and(eq(totpFactors.userId, userId), isNotNull(totpFactors.confirmedAt)));
  const email = executor
    .select({ one: sql`1` })
    .from(emailFactors)
    .where(eq(emailFactors.userId, userId));
  const codes = executor
    .select({ count: sql`count(*)::int` })
    .from(backupCodes)
    .where(and(eq(backupCodes.userId, userId), isNull(backupCodes.usedAt)));
  return executor
    .select({
      totp: sql<boolean>`exists ${totp}`,
      email: sql<boolean>`exists ${email}`,
      backupCodesRemaining: sql<number>`${codes}`,
    })
    .from(sql`(select 1) as person`)
    .prepare('enrolled_second_factors');
});

/** True when a second factor is owed. Backup codes alone are none: they replace one. */
export function owesSecondFactor(factors: EnrolledFactors): boolean {
  return factors.totp || factors.email;
}

/** The second factors this person may use after what was proven (EO-6). */
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
