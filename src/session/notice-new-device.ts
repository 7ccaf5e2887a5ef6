import type { Executor } from '../db/client.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import { DAY } from '../kernel/duration.ts';
import type { Client } from '../kernel/ports.ts';
import { isSameSource } from '../kernel/source.ts';
import { describeDevice } from '../mail/device.ts';
import { enqueueMail } from '../mail/enqueue.ts';

/** Where an earlier sign-in came from. */
export type Origin = Pick<Client, 'ipAddress' | 'userAgent'>;

/** An account this young signs in for the first time because it has just been made. */
const FRESH = DAY;

/**
 * Tells a person of a sign-in from a device or an address that no earlier one came from (LG-6).
 * A device is a browser on a system: its next version is not news. An IPv6 host changes its
 * address within its network by itself, so there the network counts.
 *
 * @param input.origins of the sign-ins before this one
 * @returns true when a mail is on its way
 */
export async function noticeNewDevice(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring'>,
  executor: Executor,
  input: { readonly user: User; readonly client: Client; readonly origins: readonly Origin[] },
): Promise<boolean> {
  const { user, client, origins: earlier } = input;
  const now = deps.clock.now();
  const isFresh = now.getTime() - user.createdAt.getTime() < FRESH;
  if (earlier.length === 0 && isFresh) return false;
  if (isKnown(earlier, client)) return false;
  await enqueueMail(deps, executor, {
    to: user.email,
    message: { template: 'new-device-sign-in', at: now, from: client },
  });
  return true;
}

/** True when earlier sign-ins came from this device, and earlier sign-ins from this address. */
export function isKnown(earlier: readonly Origin[], client: Origin): boolean {
  const device = deviceOf(client);
  const knowsDevice = earlier.some((origin) => deviceOf(origin) === device);
  return knowsDevice && earlier.some((origin) => isSameSource(origin, client));
}

function deviceOf({ userAgent }: Pick<Client, 'userAgent'>): string {
  const { browser, system } = describeDevice(userAgent);
  // A program without a known name is known by its own.
  return browser === null ? (userAgent ?? '') : `${browser}/${system}`;
}
