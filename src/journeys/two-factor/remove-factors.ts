import { recordRemoved } from '../../access-ledger/record.ts';
import { deleteRemoved } from '../../access-ledger/store.ts';
import { endEarlierAccess } from '../../credential-change/end-earlier-access.ts';
import { reportChange } from '../../credential-change/report-change.ts';
import { run } from '../../db/executor.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { deleteBackupCodes } from '../../proofs/backup-code/store.ts';
import { FACTOR_NAMES, type FactorName, SECOND_FACTORS } from '../../second-factor/factors.ts';
import { bumpCredentialVersion } from '../../user/credential-store.ts';
import { NoSuchAccountError } from '../../user/errors.ts';
import { findUserByEmail, lockUserForUpdate } from '../../user/store.ts';

/**
 * Removes every second factor of a person who lost all of them, after an operator has verified the person's
 * identity by other means (ADR-0016). It ends every session and challenge, records a row for each factor and
 * notifies the person, so that nothing about it is silent (MF-7). The password stays, and a mail alone cannot
 * sign in. Nothing changes for a person without a second factor.
 *
 * @param email in canonical form
 * @throws NoSuchAccountError
 */
export async function removeFactors(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'act'>,
  email: string,
): Promise<{
  readonly removed: readonly FactorName[];
  readonly sessionsEnded: number;
}> {
  const found = await run(deps.db, findUserByEmail(email));
  if (!found) throw new NoSuchAccountError();
  const userId = found.id;
  const now = deps.clock.now();
  return await transaction(deps.db, async (tx) => {
    // The address may have changed since the lookup. The mails go to the current one.
    const person = await run(tx, lockUserForUpdate(userId));
    if (!person) throw new NoSuchAccountError();
    const removed: FactorName[] = [];
    for (const name of FACTOR_NAMES) {
      if (await run(tx, SECOND_FACTORS[name].remove(userId))) removed.push(name);
    }
    if (removed.length === 0) return { removed, sessionsEnded: 0 };
    await run(tx, deleteBackupCodes(userId));
    // An operator's decision is final: no undo restores an earlier app (PR-12).
    await run(
      tx,
      deleteRemoved({ userId, kinds: FACTOR_NAMES.map((name) => SECOND_FACTORS[name].kind) }),
    );
    for (const method of removed) {
      const { kind } = SECOND_FACTORS[method];
      await recordRemoved(deps, tx, { userId, sessionId: null, kind }, null);
    }
    await run(tx, bumpCredentialVersion({ userId, now }));
    const sessionsEnded = await endEarlierAccess(deps, tx, userId);
    for (const method of removed) {
      const detail = { method };
      const event = { type: 'MFA_DISABLED', userId, actorId: null, client: null, detail } as const;
      const from = { ipAddress: null, userAgent: null };
      const message = { template: 'mfa-disabled', at: now, from, method } as const;
      await reportChange(deps, tx, event, { to: person.email, message });
    }
    return { removed, sessionsEnded };
  });
}
