import type { Executor } from '../../db/client.ts';
import type { Deps } from '../../deps.ts';
import { deleteIdentitiesSince } from '../../identity/store.ts';
import type { Client } from '../../kernel/ports.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import { forgetSecondFactorsSince } from '../../proofs/second-factor/forget-since.ts';
import { clearPassword } from '../../user/credential-store.ts';

/**
 * Takes from an account whose address was taken back what would let whoever had changed it in
 * again: the password, whoever set it, and what was added since the link was mailed. Both
 * addresses are told: one of them learns of it by that mail alone. Wake the outbox after the
 * commit.
 *
 * Whatever else lets a person in, or will one day, has its line here.
 */
export async function forgetIntruder(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring'>,
  executor: Executor,
  about: {
    readonly userId: string;
    readonly since: Date;
    readonly email: string;
    readonly leftEmail: string;
    readonly client: Client;
  },
): Promise<void> {
  const { userId, since, email, leftEmail, client } = about;
  const at = deps.clock.now();
  await clearPassword(executor, { userId, now: at });
  await deleteIdentitiesSince(executor, { userId, since });
  await forgetSecondFactorsSince(executor, { userId, since });
  const message = { template: 'email-change-undone', at, from: client, email } as const;
  await enqueueMail(deps, executor, { to: email, message });
  await enqueueMail(deps, executor, { to: leftEmail, message });
}
