import { recordAudit } from '../../audit/record.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import type { Client } from '../../kernel/ports.ts';
import { InvalidCredentialsError } from '../../proofs/password/errors.ts';

/** The one refusal, whoever is refused (LG-1); its reason is for the audit log alone. */
export async function refuse(
  deps: Pick<Deps, 'db' | 'clock' | 'random'>,
  user: User | null,
  client: Client,
  reason: string,
): Promise<InvalidCredentialsError> {
  await recordAudit(deps, deps.db, {
    type: 'SIGN_IN_FAILED',
    userId: user?.id ?? null,
    actorId: null,
    client,
    detail: { reason: user ? reason : 'unknown' },
  });
  return new InvalidCredentialsError();
}
