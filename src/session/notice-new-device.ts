import type { Executor } from '../db/driver/client.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import { DAY } from '../kernel/duration.ts';
import type { Client } from '../kernel/ports.ts';
import { enqueueMail } from '../mail/enqueue.ts';
import type { KnownOrigins } from './history-store.ts';
import { isKnown } from './origin.ts';

/** An account this young signs in for the first time because it has just been made. */
const FRESH = DAY;

/**
 * Tells a person of a sign-in from a device or a network that no earlier one came from (LG-6).
 *
 * @param input.origins of the sign-ins before this one
 * @returns true when a mail is on its way
 */
export async function noticeNewDevice(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring'>,
  executor: Executor,
  input: { readonly user: User; readonly client: Client; readonly origins: KnownOrigins },
): Promise<boolean> {
  const { user, client, origins: earlier } = input;
  const now = deps.clock.now();
  const isFresh = now.getTime() - user.createdAt.getTime() < FRESH;
  if (earlier.devices.length === 0 && isFresh) return false;
  if (isKnown(earlier, client)) return false;
  await enqueueMail(deps, executor, {
    to: user.email,
    message: { template: 'new-device-sign-in', at: now, from: client },
  });
  return true;
}
