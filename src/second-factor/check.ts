import type { Executor } from '../db/executor.ts';
import { run } from '../db/executor.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import type { Client, HashOptions } from '../kernel/ports.ts';
import { checkBackupCode } from '../proofs/backup-code/check.ts';
import { spendBackupCode } from '../proofs/backup-code/store.ts';
import { checkTotp } from '../proofs/totp/check.ts';
import { claimStep, findConfirmedTotp } from '../proofs/totp/store.ts';
import type { FactorCode } from './code.ts';
import { reportUsedBackupCode } from './report-used-backup-code.ts';

/**
 * A code that was correct when it was verified. Another request may have used it since, which only the
 * transaction that spends the code can decide.
 */
export type FactorClaim = {
  /** @returns false if another request has used the code; nothing is written then */
  spend(tx: Executor): Promise<boolean>;
};

type CheckDeps = Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'hasher' | 'log'>;

/**
 * Verifies a code of an authenticator app or a backup code, outside of any transaction. Sign-in and step-up
 * both call this function, so a code that one of them has used is rejected by the other (TO-4).
 *
 * @returns null if the code is wrong or used, or if the person has no such factor
 * @throws ServerBusyError
 */
export async function checkOwnFactor(
  deps: CheckDeps,
  user: User,
  presented: Exclude<FactorCode, { method: 'EMAIL' }>,
  client: Client,
  waiting: HashOptions,
): Promise<FactorClaim | null> {
  if (presented.method === 'TOTP') {
    const factor = await run(deps.db, findConfirmedTotp(user.id));
    const match = factor && checkTotp(deps, factor, presented.code);
    return match && { spend: (tx) => run(tx, claimStep(match)) };
  }
  const code = { ...presented.code, userId: user.id };
  const id = await checkBackupCode(deps, code, waiting);
  if (id === null) return null;
  return {
    spend: async (tx) => {
      if (!(await run(tx, spendBackupCode({ id, now: deps.clock.now() })))) return false;
      await reportUsedBackupCode(deps, tx, user, client);
      return true;
    },
  };
}
