import { recordAudit } from '../../audit/record.ts';
import { pipelineTransaction } from '../../db/pipeline.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import type { Client } from '../../kernel/ports.ts';
import { InvalidCredentialsError } from '../../proofs/password/errors.ts';
import { countFailure } from '../../sign-in-gate/history-store.ts';

/**
 * Records a failed sign-in and returns the one refusal, which is the same for everyone (LG-1). The reason is
 * for the audit log alone. An address without an account costs the same two rows (LG-2).
 */
export async function recordFailure(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring'>,
  email: string,
  user: User | null,
  client: Client,
  reason: string,
): Promise<InvalidCredentialsError> {
  await pipelineTransaction(deps.db, [
    recordAudit(deps, {
      type: 'SIGN_IN_FAILED',
      userId: user?.id ?? null,
      actorId: null,
      client,
      detail: { reason: user ? reason : 'unknown' },
    }),
    countFailure(deps, email),
  ]);
  return new InvalidCredentialsError();
}
