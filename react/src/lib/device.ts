import type { Session } from '@latchkey/client/operations';
import type { Messages } from '../messages/messages.ts';

type Names = readonly (readonly [RegExp, string])[];

const BROWSERS: Names = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:HeadlessChrome|Chrome|CriOS)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const SYSTEMS: Names = [
  [/\b(?:iPhone|iPad|iPod)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];

/** A short description of a user agent: a hint for the account's owner, not proof of anything. */
export function deviceOf(userAgent: string | null, words: Messages['devices']): string {
  if (!userAgent) return words.unknown;
  const find = (names: Names) => names.find(([pattern]) => pattern.test(userAgent))?.[1];
  const browser = find(BROWSERS);
  const system = find(SYSTEMS);
  if (browser && system) return words.on(browser, system);
  // The text itself is never shown: its sender chooses it and could leave the owner a message.
  return browser ?? system ?? words.other;
}

/** A short description of what the server read in a session's user agent. */
export function nameOfClient(client: Session['client'], words: Messages['devices']): string {
  if (!client) return words.other;
  const { browser, os } = client;
  return browser && os ? words.on(browser, os) : (browser ?? os ?? words.other);
}

/** The icon for a session's device. */
export function kindOfClient(
  client: Session['client'],
): 'computer' | 'phone' | 'tablet' | 'program' {
  switch (client?.device) {
    case 'Computer':
      return 'computer';
    case 'Phone':
    case 'iPhone':
      return 'phone';
    case 'Tablet':
    case 'iPad':
      return 'tablet';
    default:
      return 'program';
  }
}
