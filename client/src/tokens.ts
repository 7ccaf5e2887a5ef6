const LONGEST_MARGIN = 60_000;
/** The assumed lifetime of a token whose lifetime this client cannot read. */
const UNKNOWN_LIFETIME = 60_000;

/** The tokens of a completed sign-in. The `SignedIn` outcome of every operation fits this type. */
export type SignedInTokens = {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: string;
  /** Null in cookie mode. */
  readonly refreshToken?: string | null;
  /** Keeps this device from being locked out by strangers who guess the password. It outlives the session. */
  readonly deviceToken?: string | null;
};

/** What is stored of a sign-in. Times are milliseconds of this device's clock. */
export type Kept = {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly userId: string | null;
  readonly sessionId: string | null;
  /** From this time on, the token is refreshed. */
  readonly dueAt: number;
  /** From this time on, the token has expired. */
  readonly expiresAt: number;
};

/**
 * Converts the token's times to this device's clock. The time that the server calls `iat` was not before the
 * request was sent, so a device whose clock is hours off still refreshes in time.
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
    expiresAt: askedAt + lifetime,
  };
}

type Claims = {
  readonly iat?: number;
  readonly exp?: number;
  readonly sub?: string;
  readonly sid?: string;
};

/** Reads the claims without verifying them. The server that receives the token verifies it. */
function claimsOf(accessToken: string): Claims {
  try {
    const part = accessToken.split('.')[1] ?? '';
    return JSON.parse(fromBase64Url(part));
  } catch {
    // Not a JWT. The times come from the fields beside the token.
    return {};
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * Decodes byte by byte instead of with `atob`, which older versions of React Native do not have. The claims
 * that are read are ASCII.
 */
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
