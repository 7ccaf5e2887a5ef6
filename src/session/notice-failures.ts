import { countFailuresSinceSignIn } from '../audit/store.ts';
import type { Executor } from '../db/client.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import type { Client } from '../kernel/ports.ts';
import { enqueueMail } from '../mail/enqueue.ts';

/** From here on failures are more than a slip of the hand. */
const MANY_FAILURES = 5;

/**
 * Tells a person of a sign-in that followed many refused ones: a guess may have hit (LG-6). Call it
 * before the sign-in itself is recorded.
 */
export async function noticeFailures(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring'>,
  executor: Executor,
  { user, client }: { readonly user: User; readonly client: Client },
): Promise<void> {
  const failures = await countFailuresSinceSignIn(executor, user.id);
  if (failures < MANY_FAILURES) return;
  await enqueueMail(deps, executor, {
    to: user.email,
    message: {
      template: 'signed-in-after-failures',
      at: deps.clock.now(),
      from: client,
      failures,
    },
  });
}
