import type { Config } from '../config.ts';
import type { RefreshCookie } from '../graphql/context.ts';

/** The `__Host-` prefix makes the browser insist on Secure, Path=/ and no Domain (HT-3). */
const NAME = '__Host-latchkey_refresh';

/** The refresh cookie of one request, and the Set-Cookie lines its operation left. */
export function createRefreshCookie(
  config: Config,
  headers: Headers,
): { readonly port: RefreshCookie; written(): readonly string[] } {
  const enabled = config.session.refreshCookie;
  let line: string | null = null;
  const attributes = 'Path=/; Secure; HttpOnly; SameSite=Strict';
  return {
    written: () => (line === null ? [] : [line]),
    port: {
      enabled,
      read: () => (enabled ? readCookie(headers.get('cookie')) : null),
      write: (token, expiresAt) => {
        if (enabled) line = `${NAME}=${token}; Expires=${expiresAt.toUTCString()}; ${attributes}`;
      },
      clear: () => {
        if (enabled) line = `${NAME}=; Max-Age=0; ${attributes}`;
      },
    },
  };
}

function readCookie(header: string | null): string | null {
  for (const pair of header?.split(';') ?? []) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === NAME && value) return value;
  }
  return null;
}
