import { recordAdded, recordRemoved } from '../../access-ledger/record.ts';
import { type Content, passkeyOf } from '../../access-ledger/sealed-content.ts';
import type { SecurityChange } from '../../access-ledger/security-change.ts';
import { deleteRemoved } from '../../access-ledger/store.ts';
import type { AuditEvent } from '../../audit/record.ts';
import { recordAudit } from '../../audit/record.ts';
import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import { deleteIdentity, insertIdentity } from '../../identity/store.ts';
import type { Client } from '../../kernel/ports.ts';
import { deleteBackupCodes } from '../../proofs/backup-code/store.ts';
import { deletePasskey, insertPasskey } from '../../proofs/passkey/store.ts';
import {
  deleteEmailFactor,
  insertEmailFactor,
} from '../../proofs/second-factor/email-factor-store.ts';
import {
  deletePasskeyFactor,
  insertPasskeyFactor,
} from '../../proofs/second-factor/passkey-factor-store.ts';
import { sealTotpSecret } from '../../proofs/totp/sealed-secret.ts';
import { deletePendingTotp, deleteTotpFactor, restoreTotpFactor } from '../../proofs/totp/store.ts';
import type { Present, UndoPlan } from './plan.ts';

/** The audit event of one credential. */
type AuditDetail = Pick<AuditEvent, 'type' | 'detail'> & {
  readonly detail: NonNullable<AuditEvent['detail']>;
};

const BY = { by: 'undo' } as const;

/**
 * Removes and restores credentials, each with a row in the audit log and in the ledger. The rows name no
 * session, so no later walk follows them.
 */
export async function changeThings(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring'>,
  tx: Executor,
  about: { readonly user: User; readonly plan: UndoPlan; readonly client: Client },
): Promise<SecurityChange[]> {
  const { user, plan, client } = about;
  const by = { userId: user.id, sessionId: null };
  for (const one of plan.removes) {
    const detail = await removeThing(tx, user.id, one);
    const { kind, thing } = one;
    await recordRemoved(deps, tx, { ...by, kind, ...(thing && { thing }) }, null);
    if (!detail) continue;
    await run(tx, recordAudit(deps, { ...detail, userId: user.id, client }));
  }
  await run(tx, deletePendingTotp(user.id));
  const restored: SecurityChange[] = [];
  for (const { removal, content, change } of plan.restores) {
    const detail = await restoreThing(deps, tx, user.id, { removalId: removal.id, content });
    // An identity or a passkey that somebody else has linked in the meantime stays theirs.
    if (!detail) continue;
    const { kind, thing, label } = removal;
    const act = { ...by, kind, ...(thing && { thing }), ...(label && { label }) };
    await run(tx, recordAdded(deps, act));
    await run(tx, recordAudit(deps, { ...detail, userId: user.id, client }));
    restored.push(change);
  }
  return restored;
}

/**
 * Removes one credential of an account, of any kind.
 *
 * @returns what the audit log records; null if the row about the undo is enough
 */
async function removeThing(
  tx: Executor,
  userId: string,
  { kind, thing }: Pick<Present, 'kind' | 'thing'>,
): Promise<AuditDetail | null> {
  switch (kind) {
    case 'identity':
      if (thing === null) return null;
      await run(tx, deleteIdentity({ id: thing, userId }));
      return { type: 'IDENTITY_UNLINKED', detail: { ...BY, identity: thing } };
    case 'passkey':
      if (thing === null) return null;
      await run(tx, deletePasskey({ id: thing, userId }));
      return { type: 'PASSKEY_REMOVED', detail: { ...BY, passkey: thing } };
    case 'passkey-factor':
      await run(tx, deletePasskeyFactor(userId));
      return { type: 'MFA_DISABLED', detail: { ...BY, method: 'passkey' } };
    case 'totp':
      await run(tx, deleteTotpFactor(userId));
      return { type: 'MFA_DISABLED', detail: { ...BY, method: 'totp' } };
    case 'email-factor':
      await run(tx, deleteEmailFactor(userId));
      return { type: 'MFA_DISABLED', detail: { ...BY, method: 'email' } };
    case 'backup-codes':
      await run(tx, deleteBackupCodes(userId));
      return null;
    case 'password':
    case 'address':
    case 'address-request':
      // Written with the person's row and the pending proofs.
      return null;
  }
}

/**
 * Restores a removed credential and deletes the copy.
 *
 * @returns what the audit log records; null if the credential's place is taken
 */
async function restoreThing(
  deps: Pick<Deps, 'keyring'>,
  tx: Executor,
  userId: string,
  removed: { readonly removalId: string; readonly content: Content },
): Promise<AuditDetail | null> {
  const { content, removalId } = removed;
  await run(tx, deleteRemoved({ userId, ids: [removalId] }));
  switch (content.kind) {
    case 'identity': {
      const { kind: _, linkedAt, ...identity } = content;
      const row = { ...identity, userId, linkedAt: new Date(linkedAt) };
      const restored = await run(tx, insertIdentity(row));
      return restored && { type: 'IDENTITY_LINKED', detail: { ...BY, identity: identity.id } };
    }
    case 'passkey': {
      const restored = await run(tx, insertPasskey(passkeyOf(content, userId)));
      return restored && { type: 'PASSKEY_ADDED', detail: { ...BY, passkey: content.id } };
    }
    case 'passkey-factor': {
      const now = new Date(content.confirmedAt);
      const isRestored = await run(tx, insertPasskeyFactor({ userId, now }));
      return isRestored ? { type: 'MFA_ENABLED', detail: { ...BY, method: 'passkey' } } : null;
    }
    case 'totp': {
      const secret = Buffer.from(content.secret, 'base64');
      const isRestored = await run(
        tx,
        restoreTotpFactor({
          userId,
          id: content.id,
          sealedSecret: sealTotpSecret(deps.keyring, userId, secret),
          lastStep: content.lastStep,
          createdAt: new Date(content.createdAt),
          pendingUntil: new Date(content.confirmedAt),
          pendingSessionId: null,
          pendingNetwork: null,
          confirmedAt: new Date(content.confirmedAt),
        }),
      );
      return isRestored ? { type: 'MFA_ENABLED', detail: { ...BY, method: 'totp' } } : null;
    }
    case 'email-factor': {
      const now = new Date(content.confirmedAt);
      const isRestored = await run(tx, insertEmailFactor({ userId, now }));
      return isRestored ? { type: 'MFA_ENABLED', detail: { ...BY, method: 'email' } } : null;
    }
  }
}
