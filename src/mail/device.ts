import type { MailOrigin } from './messages.ts';

/** A browser and a system, as a mail may name them. */
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
 * Names the browser and the system of a User-Agent, from two closed lists. The header itself is text
 * of the person who signs in: a notice must not carry a thief's sentence or link to the owner of the
 * account.
 */
export function describeDevice(userAgent: MailOrigin['userAgent']): Device {
  return { browser: nameOf(userAgent, BROWSERS), system: nameOf(userAgent, SYSTEMS) };
}

function nameOf(
  userAgent: string | null,
  candidates: readonly (readonly [string, RegExp])[],
): string | null {
  // A header may be 16 kB long. The names are at its beginning.
  const text = userAgent?.slice(0, 512) ?? '';
  return candidates.find(([, pattern]) => pattern.test(text))?.[0] ?? null;
}
