const LONGEST_MARGIN = 60_000;
/** Taken for the lifetime of a token that does not say it in words this client can read. */
const UNKNOWN_LIFETIME = 60_000;

/** What a sign-in hands out; the `SignedIn` of every operation fits. */
export type SignedInTokens = {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: string;
  /** Null in cookie mode. */
  readonly refreshToken?: string | null;
  /** Lets this device past a lock that strangers caused; outlives the session. */
  readonly deviceToken?: string | null;
};

/** What is kept of it. Moments are milliseconds by this device's clock. */
export type Kept = {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly userId: string | null;
  readonly sessionId: string | null;
  /** From here on it is refreshed. */
  readonly dueAt: number;
  /** From here on it is worthless. */
  readonly overAt: number;
};

/**
 * Translates the token's moments into this device's time: what the server calls `iat` happened no
 * earlier than the request was sent, so a clock that is hours off still refreshes in time.
 */
export function keep(signedIn: SignedInTokens, askedAt: number): Kept {
  const claims = claimsOf(signedIn.accessToken);
  const said =
    claims.exp !== undefined && claims.iat !== undefined
      ? (claims.exp - claims.iat) * 1000
      : Date.parse(signedIn.accessTokenExpiresAt) - askedAt;
  const lifetime = said > 0 ? said : UNKNOWN_LIFETIME;
  return {
    accessToken: signedIn.accessToken,
    refreshToken: signedIn.refreshToken ?? null,
    userId: claims.sub ?? null,
    sessionId: claims.sid ?? null,
    dueAt: askedAt + lifetime - Math.min(LONGEST_MARGIN, lifetime / 5),
    overAt: askedAt + lifetime,
  };
}

type Claims = {
  readonly iat?: number;
  readonly exp?: number;
  readonly sub?: string;
  readonly sid?: string;
};

/** Reads, does not verify: whoever is asked with the token does that. */
function claimsOf(accessToken: string): Claims {
  try {
    const part = accessToken.split('.')[1] ?? '';
    return JSON.parse(fromBase64Url(part));
  } catch {
    // Another kind of token: its times come from the answer beside it.
    return {};
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Byte by byte, not by `atob`, which older React Natives do not have. The claims read are ASCII. */
function fromBase64Url(text: string): string {
  let bits = 0;
  let held = 0;
  let bytes = '';
  for (const letter of text) {
    held = ((held << 6) | ALPHABET.indexOf(letter)) & 0xfff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += String.fromCharCode((held >> bits) & 0xff);
  }
  return bytes;
}
