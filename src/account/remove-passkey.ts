import { recordRemoved } from '../access-ledger/record.ts';
import { passkeyContent } from '../access-ledger/sealed-content.ts';
import { recordAudit } from '../audit/record.ts';
import { reportChange } from '../credential-change/report-change.ts';
import { LastCredentialError, requireWayIn } from '../credential-change/ways-in.ts';
import { type Executor, run } from '../db/executor.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import { NotFoundError } from '../kernel/errors.ts';
import { isId } from '../kernel/id.ts';
import type { Client } from '../kernel/ports.ts';
import { originOf } from '../mail/origin.ts';
import { deleteBackupCodes } from '../proofs/backup-code/store.ts';
import { deletePasskey } from '../proofs/passkey/store.ts';
import { enrolledSecondFactors, requiresSecondFactor } from '../proofs/second-factor/enrolled.ts';
import { SECOND_FACTORS } from '../second-factor/factors.ts';

type RemoveDeps = Pick<Deps, 'clock' | 'random' | 'keyring' | 'config' | 'act'>;

/** Whose credential is removed, and by whom: a session of the person, or nobody of the account. */
export type Removal = {
  readonly person: User;
  /** Null if an administrator removes it: an undo then never restores it (ADR-0018). */
  readonly sessionId: string | null;
  readonly client: Client | null;
};

/**
 * Removes a passkey of a locked person, whoever asks. Neither the last way to sign in can be removed, nor the last
 * passkey or second factor where the server requires two-step verification (PK-5a). After the last passkey, signing in
 * requires none any more (PK-5c). The caller ends the sessions.
 *
 * @returns what the session that asked loses with it
 * @throws NotFoundError, LastCredentialError
 */
export async function removePasskeyOf(
  deps: RemoveDeps,
  tx: Executor,
  by: Removal,
  passkeyId: string,
): Promise<{ readonly secondFactorAt?: null }> {
  const { person, sessionId, client } = by;
  if (!isId(passkeyId)) throw new NotFoundError();
  const removed = await run(tx, deletePasskey({ id: passkeyId, userId: person.id }));
  if (!removed) throw new NotFoundError();
  await requireWayIn(deps, tx, person);
  const { id, name } = removed;
  const entry = { userId: person.id, sessionId, kind: 'passkey', thing: id, label: name } as const;
  await recordRemoved(deps, tx, entry, sessionId === null ? null : passkeyContent(removed));
  const renewal = await endFactorOfLast(deps, tx, by);
  const event = {
    type: 'PASSKEY_REMOVED',
    ...{ userId: person.id, sessionId, client, detail: { passkey: id } },
  } as const;
  const at = deps.clock.now();
  const message = { template: 'passkey-removed', at, from: originOf(deps, client), name } as const;
  await reportChange(deps, tx, event, { to: person.email, message });
  return renewal;
}

/**
 * Ends what depended on the person's last passkey, once it is removed.
 *
 * @returns what the session that asked loses with it
 * @throws LastCredentialError if the server requires two-step verification and the person has neither a second
 *   factor nor a passkey any more
 */
async function endFactorOfLast(
  deps: RemoveDeps,
  tx: Executor,
  { person, sessionId, client }: Removal,
): Promise<{ readonly secondFactorAt?: null }> {
  const factors = await run(tx, enrolledSecondFactors(person.id));
  if (factors.hasPasskeys) return {};
  const isLast = !requiresSecondFactor(factors);
  if (isLast && deps.config.mfaRequired) throw new LastCredentialError();
  const { kind, remove } = SECOND_FACTORS.passkey;
  const factor = await run(tx, remove(person.id));
  if (!factor) return {};
  const of = { userId: person.id, sessionId };
  await recordRemoved(deps, tx, { ...of, kind }, sessionId === null ? null : factor());
  const detail = { method: 'passkey' };
  await run(tx, recordAudit(deps, { type: 'MFA_DISABLED', ...of, client, detail }));
  if (!isLast) return {};
  await run(tx, deleteBackupCodes(person.id));
  return { secondFactorAt: null };
}
