import { recordAdded } from '../../access-ledger/record.ts';
import { recordNewAccess } from '../../access-ledger/undo-link.ts';
import { recordAudit } from '../../audit/record.ts';
import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import { pipeline } from '../../db/pipeline.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Outcome } from '../../graphql/result.ts';
import type { Client } from '../../kernel/ports.ts';
import { sourceOf } from '../../kernel/source.ts';
import { generateBackupCodes, type NewBackupCodes } from '../../proofs/backup-code/generate.ts';
import {
  deleteBackupCodes,
  hasBackupCodes,
  insertBackupCodes,
} from '../../proofs/backup-code/store.ts';
import {
  amrWith,
  restsOnMailbox,
  type SecondFactorMethod,
} from '../../proofs/second-factor/method.ts';
import { factorsChanged } from './change-factors.ts';

/** A second factor was enabled. The backup codes are shown once, with the first factor. */
export type MfaEnabled = Outcome<'MfaEnabled'> & {
  readonly backupCodes: readonly string[] | null;
  readonly viewer: Authentication;
};

/**
 * The backup codes for a first factor, hashed before the transaction that stores them.
 *
 * @returns null for a person who already has a set
 * @throws ServerBusyError
 */
export async function backupCodesIfNone(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'hasher'>,
  userId: string,
  client: Client,
  signal: AbortSignal,
): Promise<NewBackupCodes | null> {
  if (await run(deps.db, hasBackupCodes(userId))) return null;
  return await generateBackupCodes(deps, userId, { source: sourceOf(client), signal });
}

/**
 * Everything that follows a confirmed factor, in the transaction that confirmed it and with the person's
 * factors locked. The confirming code counts as this session's second factor, unless the session depends on the
 * mailbox that the code came from (EO-6).
 *
 * @throws NotAuthenticatedError if the person or the session no longer exists
 */
export async function mfaEnabled(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring' | 'config'>,
  tx: Executor,
  viewer: Authentication,
  enabled: {
    readonly method: Extract<SecondFactorMethod, 'TOTP' | 'EMAIL'>;
    readonly codes: NewBackupCodes | null;
    readonly client: Client;
  },
): Promise<MfaEnabled> {
  const { method, client } = enabled;
  const { user, session } = viewer;
  const userId = user.id;
  const sessionId = session.id;
  const kind = method === 'TOTP' ? 'totp' : 'email-factor';
  const undo = await recordNewAccess(deps, tx, { user, act: { kind, sessionId }, client });
  // Another factor may have been confirmed while these codes were hashed. Its set was already shown.
  const codes = (await run(tx, hasBackupCodes(userId))) ? null : enabled.codes;
  if (codes) {
    await pipeline(tx, [deleteBackupCodes(userId), insertBackupCodes(codes.rows)]);
    await run(tx, recordAdded(deps, { userId, sessionId, kind: 'backup-codes' }));
    await run(
      tx,
      recordAudit(deps, {
        type: 'BACKUP_CODES_GENERATED',
        userId,
        sessionId,
        client,
      }),
    );
  }
  const proven = session.methods;
  const counts = method !== 'EMAIL' || !restsOnMailbox(proven, user);
  const after = await factorsChanged(deps, tx, viewer, {
    type: 'MFA_ENABLED',
    method: method === 'TOTP' ? 'totp' : 'email',
    undo,
    session: counts ? { secondFactorAt: deps.clock.now(), methods: amrWith(proven, method) } : {},
    client,
  });
  return { kind: 'MfaEnabled', backupCodes: codes?.shown ?? null, viewer: after };
}
