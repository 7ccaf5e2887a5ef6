import type { MailOrigin } from './messages.ts';

/** A program as a mail may name it. */
export type Device = { readonly browser: string | null; readonly system: string | null };

// Order matters: Edge and Opera also call themselves Chrome, Chrome calls itself Safari.
const BROWSERS = [
  ['Edge', /\bEdg(?:e|A|iOS)?\//],
  ['Opera', /\bOPR\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /\b(?:Chrome|CriOS|HeadlessChrome)\//],
  ['Safari', /\bVersion\/\S+ .*\bSafari\//],
  ['curl', /^curl\//],
] as const;

const SYSTEMS = [
  ['Android', /\bAndroid\b/],
  ['iPhone', /\biPhone\b/],
  ['iPad', /\biPad\b/],
  ['Windows', /\bWindows\b/],
  ['macOS', /\bMacintosh\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['Linux', /\bLinux\b/],
] as const;

/**
 * Names the program behind a User-Agent in words from two closed lists. The header itself is
 * written by whoever signs in, and a notice must not carry a thief's own sentence and link to
 * the owner of the account.
 */
export function describeDevice(userAgent: MailOrigin['userAgent']): Device {
  return { browser: nameOf(userAgent, BROWSERS), system: nameOf(userAgent, SYSTEMS) };
}

function nameOf(
  userAgent: string | null,
  candidates: readonly (readonly [string, RegExp])[],
): string | null {
  // A header may be 16 kB long; what names a browser stands in its beginning.
  const text = userAgent?.slice(0, 512) ?? '';
  return candidates.find(([, pattern]) => pattern.test(text))?.[0] ?? null;
}
