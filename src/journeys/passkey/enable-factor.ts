import { recordAdded } from '../../access-ledger/record.ts';
import { recordAudit } from '../../audit/record.ts';
import { storeFirstBackupCodes } from '../../credential-change/first-backup-codes.ts';
import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import type { Session } from '../../db/tables/session.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Client } from '../../kernel/ports.ts';
import type { NewBackupCodes } from '../../proofs/backup-code/generate.ts';
import { amrWith } from '../../proofs/second-factor/method.ts';
import { insertPasskeyFactor } from '../../proofs/second-factor/passkey-factor-store.ts';
import { SECOND_FACTORS } from '../../second-factor/factors.ts';

/** The person's passkeys are a second factor. */
type Enabled = {
  /** False if they were one already. */
  readonly isNew: boolean;
  readonly backupCodes: readonly string[] | null;
  /** What the enrollment of the passkey proved on this session. */
  readonly renewal: Pick<Session, 'secondFactorAt' | 'methods'>;
};

/**
 * Makes the person's passkeys a second factor, in the transaction that added one. The authenticator has verified
 * the person at the enrollment, as it does when it proves the factor later, so this session has proven the factor
 * (PK-2c). The mail about the passkey reports this, too, and its link undoes both.
 */
export async function enablePasskeyFactor(
  deps: Pick<Deps, 'clock' | 'random'>,
  tx: Executor,
  current: Authentication,
  { codes, client }: { readonly codes: NewBackupCodes | null; readonly client: Client },
): Promise<Enabled> {
  const { user, session } = current;
  const by = { userId: user.id, sessionId: session.id };
  const now = deps.clock.now();
  const renewal = { secondFactorAt: now, methods: amrWith(session.methods, 'PASSKEY') };
  const isNew = await run(tx, insertPasskeyFactor({ userId: user.id, now }));
  if (!isNew) return { isNew, backupCodes: null, renewal };
  await run(tx, recordAdded(deps, { ...by, kind: SECOND_FACTORS.passkey.kind }));
  const detail = { method: 'passkey' };
  await run(tx, recordAudit(deps, { type: 'MFA_ENABLED', ...by, client, detail }));
  const backupCodes = await storeFirstBackupCodes(deps, tx, current, { codes, client });
  return { isNew, backupCodes, renewal };
}
