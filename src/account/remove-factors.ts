import { recordRemoved } from '../access-ledger/record.ts';
import { deleteRemoved } from '../access-ledger/store.ts';
import { endEarlierAccess } from '../credential-change/end-earlier-access.ts';
import { reportChange } from '../credential-change/report-change.ts';
import { type Executor, run } from '../db/executor.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import { originOf } from '../mail/origin.ts';
import { deleteBackupCodes } from '../proofs/backup-code/store.ts';
import { FACTOR_NAMES, type FactorName, SECOND_FACTORS } from '../second-factor/factors.ts';
import { bumpCredentialVersion } from '../user/credential-store.ts';

/**
 * Removes every second factor of a locked person who lost all of them, after an operator or an administrator has
 * verified the person's identity by other means (ADR-0016). It ends every session and challenge, records a row for each
 * factor and notifies the person, so that nothing about it is silent (MF-7). The password stays, and a mail alone
 * cannot sign in. Nothing changes for a person without a second factor.
 */
export async function removeFactors(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring' | 'act'>,
  tx: Executor,
  person: User,
): Promise<{
  readonly person: User;
  readonly removed: readonly FactorName[];
  readonly sessionsEnded: number;
}> {
  const userId = person.id;
  const now = deps.clock.now();
  const removed: FactorName[] = [];
  for (const name of FACTOR_NAMES) {
    if (await run(tx, SECOND_FACTORS[name].remove(userId))) removed.push(name);
  }
  if (removed.length === 0) return { person, removed, sessionsEnded: 0 };
  await run(tx, deleteBackupCodes(userId));
  // The decision is final: no undo restores an earlier app (PR-12, ADR-0018).
  await run(
    tx,
    deleteRemoved({ userId, kinds: FACTOR_NAMES.map((name) => SECOND_FACTORS[name].kind) }),
  );
  for (const method of removed) {
    const { kind } = SECOND_FACTORS[method];
    await recordRemoved(deps, tx, { userId, sessionId: null, kind }, null);
  }
  const changed = await run(tx, bumpCredentialVersion({ userId, now }));
  const sessionsEnded = await endEarlierAccess(deps, tx, userId);
  for (const method of removed) {
    const detail = { method };
    const event = { type: 'MFA_DISABLED', userId, actorId: null, client: null, detail } as const;
    const message = {
      template: 'mfa-disabled',
      at: now,
      from: originOf(deps, null),
      method,
    } as const;
    await reportChange(deps, tx, event, { to: person.email, message });
  }
  return { person: changed ?? person, removed, sessionsEnded };
}
