import type { Content } from '../../access-ledger/sealed-content.ts';
import { deleteRemoved } from '../../access-ledger/store.ts';
import type { AuditEvent } from '../../audit/record.ts';
import type { Executor } from '../../db/driver/client.ts';
import type { Deps } from '../../deps.ts';
import { deleteIdentity, insertIdentity } from '../../identity/store.ts';
import { deleteBackupCodes } from '../../proofs/backup-code/store.ts';
import {
  deleteEmailFactor,
  insertEmailFactor,
} from '../../proofs/second-factor/email-factor-store.ts';
import { sealTotpSecret } from '../../proofs/totp/sealed-secret.ts';
import { deleteTotpFactor, restoreTotpFactor } from '../../proofs/totp/store.ts';
import type { Present } from './plan.ts';

/** What the audit log is told of one thing. */
type Told = Pick<AuditEvent, 'type' | 'detail'> & {
  readonly detail: NonNullable<AuditEvent['detail']>;
};

const BY = { by: 'undo' } as const;

/**
 * Removes one thing of an account, whatever its kind.
 *
 * @returns what the audit log is told; null where the row about the undo says enough
 */
export async function removeThing(
  tx: Executor,
  userId: string,
  { kind, thing }: Pick<Present, 'kind' | 'thing'>,
): Promise<Told | null> {
  switch (kind) {
    case 'identity':
      if (thing === null) return null;
      await deleteIdentity(tx, { id: thing, userId });
      return { type: 'IDENTITY_UNLINKED', detail: { ...BY, identity: thing } };
    case 'totp':
      await deleteTotpFactor(tx, userId);
      return { type: 'MFA_DISABLED', detail: { ...BY, method: 'totp' } };
    case 'email-factor':
      await deleteEmailFactor(tx, userId);
      return { type: 'MFA_DISABLED', detail: { ...BY, method: 'email' } };
    case 'backup-codes':
      await deleteBackupCodes(tx, userId);
      return null;
    case 'password':
    case 'address':
    case 'address-request':
      // Written with the person's row and with the proofs under way.
      return null;
  }
}

/**
 * Puts back what was removed, and forgets the copy.
 *
 * @returns what the audit log is told; null when its place is taken
 */
export async function restoreThing(
  deps: Pick<Deps, 'keyring'>,
  tx: Executor,
  userId: string,
  removed: { readonly removalId: string; readonly content: Content },
): Promise<Told | null> {
  const { content, removalId } = removed;
  await deleteRemoved(tx, { userId, ids: [removalId] });
  switch (content.kind) {
    case 'identity': {
      const { kind: _, linkedAt, ...identity } = content;
      const row = { ...identity, userId, linkedAt: new Date(linkedAt) };
      const restored = await insertIdentity(tx, row);
      return restored && { type: 'IDENTITY_LINKED', detail: { ...BY, identity: identity.id } };
    }
    case 'totp': {
      const secret = Buffer.from(content.secret, 'base64');
      const isRestored = await restoreTotpFactor(tx, {
        userId,
        id: content.id,
        sealedSecret: sealTotpSecret(deps.keyring, userId, secret),
        lastStep: content.lastStep,
        createdAt: new Date(content.createdAt),
        pendingUntil: new Date(content.confirmedAt),
        pendingSessionId: null,
        pendingNetwork: null,
        confirmedAt: new Date(content.confirmedAt),
      });
      return isRestored ? { type: 'MFA_ENABLED', detail: { ...BY, method: 'totp' } } : null;
    }
    case 'email-factor': {
      const now = new Date(content.confirmedAt);
      const isRestored = await insertEmailFactor(tx, { userId, now });
      return isRestored ? { type: 'MFA_ENABLED', detail: { ...BY, method: 'email' } } : null;
    }
  }
}
