import { describeDevice } from '../mail/device.ts';

/** The browser, the system and the kind of device of a session, for its person to recognize it by. */
export type SessionClient = {
  readonly browser: string | null;
  readonly os: string | null;
  readonly device: string | null;
};

/** The systems that mails name by their device. */
const OF_DEVICES: Readonly<Record<string, string>> = { iPhone: 'iOS', iPad: 'iPadOS' };

const COMPUTERS: ReadonlySet<string> = new Set(['Windows', 'macOS', 'ChromeOS', 'Linux']);

/**
 * Describes a user agent with names from closed lists. The header is text of whoever signs in; a list of devices must not
 * carry a thief's sentence to the owner of the account.
 *
 * @returns null if nothing in it is known
 */
export function clientOf(userAgent: string | null): SessionClient | null {
  const { browser, system } = describeDevice(userAgent);
  if (browser === null && system === null) return null;
  return {
    browser,
    os: system && (OF_DEVICES[system] ?? system),
    device: deviceOf(system, userAgent),
  };
}

/** An Android tablet calls itself like a phone, without the word Mobile (developer.chrome.com, "User-Agent strings"). */
function deviceOf(system: string | null, userAgent: string | null): string | null {
  if (system === null) return null;
  if (COMPUTERS.has(system)) return 'Computer';
  if (system !== 'Android') return system;
  return /\bMobile\b/.test(userAgent ?? '') ? 'Phone' : 'Tablet';
}
