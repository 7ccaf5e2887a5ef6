import type { Executor } from '../db/driver/client.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import type { Client } from '../kernel/ports.ts';
import { enqueueMail } from '../mail/enqueue.ts';

/** From here on failures are more than a slip of the hand. */
const MANY_FAILURES = 5;

/**
 * Tells a person of a sign-in that followed many refused ones: a guess may have hit (LG-6).
 *
 * @param input.failures since the last sign-in, this one not counted
 * @returns true when a mail is on its way
 */
export async function noticeFailures(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring'>,
  executor: Executor,
  input: { readonly user: User; readonly client: Client; readonly failures: number },
): Promise<boolean> {
  const { user, client, failures } = input;
  if (failures < MANY_FAILURES) return false;
  await enqueueMail(deps, executor, {
    to: user.email,
    message: {
      template: 'signed-in-after-failures',
      at: deps.clock.now(),
      from: client,
      failures,
    },
  });
  return true;
}
