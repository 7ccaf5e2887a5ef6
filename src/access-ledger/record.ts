import type { Executor } from '../db/executor.ts';
import { pipeline } from '../db/pipeline.ts';
import type { Statement } from '../db/statement.ts';
import type { LedgerRow } from '../db/tables/access-ledger.ts';
import type { Deps } from '../deps.ts';
import { newId } from '../kernel/id.ts';
import type { ProvenSecondFactor } from '../proofs/second-factor/method.ts';
import type { AccessKind } from './kinds.ts';
import { type Content, sealContent } from './sealed-content.ts';
import { insertEntry, insertRemoved, insertUses } from './store.ts';

type RecordDeps = Pick<Deps, 'clock' | 'random'>;

/**
 * A credential that was added or removed, and the session that did it. Null for a mailed proof, a provider or
 * an operator.
 */
export type Act = {
  readonly userId: string;
  readonly sessionId: string | null;
  readonly kind: AccessKind;
  readonly thing?: string;
  readonly label?: string;
};

/** A credential that a session signed in or stepped up with. */
export type Use = { readonly kind: AccessKind; readonly thing?: string };

/** The use of a second factor. */
export function useOf(factor: ProvenSecondFactor): Use {
  switch (factor.method) {
    case 'PASSKEY':
      return { kind: 'passkey', thing: factor.passkeyId };
    case 'TOTP':
      return { kind: 'totp' };
    case 'EMAIL':
      return { kind: 'email-factor' };
    case 'BACKUP_CODE':
      return { kind: 'backup-codes' };
  }
}

/** Records that an account has a new credential, in the transaction that added it (PR-12). */
export function recordAdded(deps: RecordDeps, act: Act): Statement<LedgerRow> {
  return insertEntry(entryOf(deps, 'added', act));
}

/**
 * Records that a credential was removed, in the transaction that removed it.
 *
 * @param content what an undo may restore; null keeps nothing
 */
export async function recordRemoved(
  deps: RecordDeps & Pick<Deps, 'keyring'>,
  tx: Executor,
  act: Act,
  content: Content | null,
): Promise<void> {
  const entry = entryOf(deps, 'removed', act);
  const { id, userId, at } = entry;
  const kept = content && {
    ...{ id, userId, removedAt: at },
    sealedContent: sealContent(deps.keyring, id, content),
  };
  await pipeline(tx, [insertEntry(entry), kept && insertRemoved(kept)]);
}

/** Records what a session signed in or stepped up with, after the session itself. */
export function recordUses(
  deps: RecordDeps,
  session: { readonly sessionId: string; readonly uses: readonly Use[] },
): Statement<void> {
  const { sessionId, uses } = session;
  const rows = uses.map(({ kind, thing }) => ({ id: newId(deps), kind, thing: thing ?? null }));
  return insertUses({ sessionId, uses: rows, at: deps.clock.now() });
}

function entryOf(deps: RecordDeps, act: LedgerRow['act'], about: Act): Omit<LedgerRow, 'position'> {
  return {
    id: newId(deps),
    userId: about.userId,
    sessionId: about.sessionId,
    act,
    kind: about.kind,
    thing: about.thing ?? null,
    label: about.label ?? null,
    at: deps.clock.now(),
  };
}
