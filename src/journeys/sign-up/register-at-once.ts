import { recordAudit } from '../../audit/record.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { sendEmailVerification } from '../../email-verification/send.ts';
import { newId } from '../../kernel/id.ts';
import type { Client } from '../../kernel/ports.ts';
import { isAwaited } from '../../proofs/one-time-token/store.ts';
import type { MfaRequired } from '../../proofs/second-factor/challenge.ts';
import { admit, enter } from '../../session/admit.ts';
import type { SignedIn } from '../../session/signed-in.ts';
import { mailCharges } from '../../throttle/charges.ts';
import { insertUser } from '../../user/store.ts';
import { EmailTakenError } from './errors.ts';

/**
 * Makes an account whose address is proven later, and signs in.
 *
 * @throws EmailTakenError
 */
export async function registerAtOnce(
  deps: Pick<
    Deps,
    'db' | 'clock' | 'random' | 'keyring' | 'config' | 'throttle' | 'outbox' | 'accessTokenKeys'
  >,
  registration: {
    readonly email: string;
    readonly name: string | null;
    readonly passwordHash: string;
  },
  client: Client,
): Promise<SignedIn | MfaRequired> {
  const now = deps.clock.now();
  const mail = mailCharges(deps.config, client, {
    purpose: 'verify-email',
    email: registration.email,
  });
  const mayMail = (await deps.throttle.spend(mail, client)).allowed;
  const admission = await transaction(deps.db, async (tx) => {
    // While its earlier person may take it back, an unproven claim must not stand in the way.
    const isReserved = { purpose: 'undo-email-change', email: registration.email, now } as const;
    if (await isAwaited(tx, isReserved)) return null;
    const user = await insertUser(tx, {
      id: newId(deps),
      email: registration.email,
      name: registration.name,
      passwordHash: registration.passwordHash,
      createdAt: now,
      updatedAt: now,
    });
    if (!user) return null;
    await recordAudit(deps, tx, { type: 'REGISTERED', userId: user.id, client });
    if (mayMail) await sendEmailVerification(deps, tx, { user, anonymous: false }, client);
    return await admit(deps, tx, { user, firstFactor: 'pwd', client });
  });
  if (!admission) throw new EmailTakenError();
  deps.outbox.wake();
  return enter(deps, admission);
}
