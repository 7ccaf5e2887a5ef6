import { recordAudit } from '../../audit/record.ts';
import { transactionInOneTrip } from '../../db/one-trip.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import type { Client } from '../../kernel/ports.ts';
import { InvalidCredentialsError } from '../../proofs/password/errors.ts';
import { countFailure } from '../../sign-in-gate/history-store.ts';

/**
 * The one refusal, whoever is refused (LG-1); its reason is for the audit log alone. Writes the same
 * two rows for an address without an account (LG-2).
 */
export async function refuse(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring'>,
  refused: { readonly email: string; readonly user: User | null },
  client: Client,
  reason: string,
): Promise<InvalidCredentialsError> {
  const { email, user } = refused;
  await transactionInOneTrip(deps.db, (tx) =>
    Promise.all([
      recordAudit(deps, tx, {
        type: 'SIGN_IN_FAILED',
        userId: user?.id ?? null,
        actorId: null,
        client,
        detail: { reason: user ? reason : 'unknown' },
      }),
      countFailure(deps, tx, email),
    ]),
  );
  return new InvalidCredentialsError();
}
