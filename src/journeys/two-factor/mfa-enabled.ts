import { recordNewAccess } from '../../access-ledger/undo-link.ts';
import { storeFirstBackupCodes } from '../../credential-change/first-backup-codes.ts';
import type { Executor } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Outcome } from '../../graphql/result.ts';
import type { Client } from '../../kernel/ports.ts';
import type { NewBackupCodes } from '../../proofs/backup-code/generate.ts';
import { amrWith, restsOnMailbox } from '../../proofs/second-factor/method.ts';
import { type FactorName, SECOND_FACTORS } from '../../second-factor/factors.ts';
import { factorsChanged } from './change-factors.ts';

/** A second factor was enabled. The backup codes are shown once, with the first factor. */
export type MfaEnabled = Outcome<'MfaEnabled'> & {
  readonly backupCodes: readonly string[] | null;
  readonly viewer: Authentication;
};

/**
 * Everything that follows a confirmed factor, in the transaction that confirmed it and with the person's
 * factors locked. A confirming code counts as this session's second factor, unless the session depends on the
 * mailbox that the code came from (EO-6).
 *
 * @throws NotAuthenticatedError if the person or the session no longer exists
 */
export async function mfaEnabled(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring' | 'config'>,
  tx: Executor,
  viewer: Authentication,
  enabled: {
    readonly factor: FactorName;
    /** True if this session has just proven the factor. */
    readonly isProven: boolean;
    readonly codes: NewBackupCodes | null;
    readonly client: Client;
  },
): Promise<MfaEnabled> {
  const { factor, client } = enabled;
  const { kind, method } = SECOND_FACTORS[factor];
  const { user, session } = viewer;
  const sessionId = session.id;
  const undo = await recordNewAccess(deps, tx, { user, act: { kind, sessionId }, client });
  const backupCodes = await storeFirstBackupCodes(deps, tx, viewer, enabled);
  const proven = session.methods;
  const counts = enabled.isProven && (method !== 'EMAIL' || !restsOnMailbox(proven, user));
  const after = await factorsChanged(deps, tx, viewer, {
    type: 'MFA_ENABLED',
    method: factor,
    undo,
    session: counts ? { secondFactorAt: deps.clock.now(), methods: amrWith(proven, method) } : {},
    client,
  });
  return { kind: 'MfaEnabled', backupCodes, viewer: after };
}
