import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm';
import type { Executor } from '../../db/driver/client.ts';
import { type PersonKey, preparedByPerson } from '../../db/person-key.ts';
import { backupCodes, emailFactors, totpFactors } from '../../db/tables/second-factor.ts';
import type { User } from '../../db/tables/user.ts';
import { restsOnMailbox, type SecondFactorMethod } from './method.ts';

/** The second factors that a person has enrolled. */
export type EnrolledFactors = {
  readonly totp: boolean;
  readonly email: boolean;
  readonly backupCodesRemaining: number;
};

/** Reads all second factors in one statement, so that they are of one moment. */
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
