import { run } from '../db/executor.ts';
import type { Deps } from '../deps.ts';
import { readDeviceToken } from '../rate-limit/device-token.ts';
import { isDeviceVoided } from '../user/store.ts';

/**
 * True for a device that has signed in to an address before. Its mails have limits that strangers cannot use up
 * (RL-3).
 */
export async function isKnownDevice(
  deps: Pick<Deps, 'db' | 'clock' | 'keyring'>,
  email: string,
  deviceToken: string | null,
): Promise<boolean> {
  const device = readDeviceToken(deps, email, deviceToken);
  return device !== null && !(await run(deps.db, isDeviceVoided(email, device.issuedAt)));
}
