import type { Config } from '../config.ts';
import type { HeaderReader } from './exchange.ts';

type Origins = Pick<Config, 'publicUrl' | 'corsOrigins'>;

/**
 * True for an origin whose pages may speak for the person in front of them: this server's own, or
 * one listed. The whole text is compared, so `null`, a suffix and a sub-string are strangers (HT-1).
 */
function isOwnOrigin({ publicUrl, corsOrigins }: Origins, origin: string): boolean {
  return origin === new URL(publicUrl).origin || corsOrigins.includes(origin);
}

/**
 * True when the browser says that one of our own pages made this request. Browsers send Origin with
 * every POST; where it is missing, only the browser's own word for the same origin counts. A request
 * that says neither is not believed (HT-2).
 */
export function isFromOwnPages(config: Origins, headers: HeaderReader): boolean {
  const origin = headers.get('origin');
  const site = headers.get('sec-fetch-site');
  if (origin === null) return site === 'same-origin';
  if (!isOwnOrigin(config, origin)) return false;
  return site === null || site === 'same-origin' || site === 'same-site';
}

/** True when a browser made the request for a page of another origin, or may have. */
export function isFromElsewhere(config: Origins, headers: HeaderReader): boolean {
  const origin = headers.get('origin');
  const site = headers.get('sec-fetch-site');
  if (origin !== null) return !isOwnOrigin(config, origin);
  return site === 'cross-site' || site === 'same-site';
}
