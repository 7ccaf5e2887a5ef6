import { run } from '../../db/executor.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import { ServerBusyError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import { sourceOf } from '../../kernel/source.ts';
import { replacePasswordHash } from '../../user/store.ts';

/**
 * Brings a hash up to the current parameters while the password is at hand (PW-5). The password
 * was right: when the queue is full, the next sign-in does it.
 */
export async function rehashIfOutdated(
  deps: Pick<Deps, 'db' | 'hasher' | 'log'>,
  user: User,
  password: string,
  client: Client,
): Promise<void> {
  const from = user.passwordHash;
  if (from === null || !deps.hasher.needsRehash(from)) return;
  try {
    const to = await deps.hasher.hash(password, { source: sourceOf(client) });
    await run(deps.db, replacePasswordHash({ userId: user.id, from, to }));
  } catch (error) {
    if (!(error instanceof ServerBusyError)) throw error;
    deps.log.debug({ userId: user.id }, 'password rehash skipped');
  }
}
