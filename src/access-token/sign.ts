import { type KeyObject, sign } from 'node:crypto';
import type { Deps } from '../deps.ts';
import { SECOND } from '../kernel/duration.ts';
import { CLIENT_ID, enrollmentAudience, type Payload, TOKEN_TYPE } from './claims.ts';

/** The content of an access token. */
export type AccessTokenRequest = {
  readonly userId: string;
  readonly sessionId: string;
  readonly authenticatedAt: Date;
  /** The proven methods as `amr` values (RFC 8176); at least one. */
  readonly methods: readonly string[];
  readonly credentialVersion: number;
  readonly claimsVersion: number;
  /** The names of the person's roles. */
  readonly roles: readonly string[];
  /** Further claims, which replace none of the server's own (CL-2). */
  readonly custom: Readonly<Record<string, unknown>>;
  /**
   * The administrator who acts as the person, and when their session ends. A service that asks nobody takes the token
   * until it expires, so that is not later (IM-1).
   */
  readonly impersonation?: { readonly impersonatorId: string; readonly until: Date };
  /** True for a session that may only set up a second factor. Its token is for this server alone. */
  readonly restricted?: boolean;
};

/**
 * Signs an access token (RFC 9068, TK-3) with the current key.
 *
 * @throws ServiceUnavailableError if no key signs
 */
export function signAccessToken(
  deps: Pick<Deps, 'config' | 'clock' | 'random' | 'accessTokenKeys'>,
  request: AccessTokenRequest,
): { readonly token: string; readonly expiresAt: Date } {
  const { kid, privateKey } = deps.accessTokenKeys.signingKey();
  const iat = toSeconds(deps.clock.now());
  const { publicUrl, accessToken } = deps.config;
  const { impersonation } = request;
  const exp = iat + Math.floor(accessToken.lifetime / SECOND);
  const payload: Omit<Payload, 'nbf'> = {
    ...request.custom,
    iss: publicUrl,
    aud: request.restricted ? enrollmentAudience(publicUrl) : accessToken.audience,
    sub: request.userId,
    client_id: CLIENT_ID,
    sid: request.sessionId,
    jti: deps.random.bytes(16).toString('base64url'),
    iat,
    exp: impersonation ? Math.min(exp, toSeconds(impersonation.until)) : exp,
    auth_time: toSeconds(request.authenticatedAt),
    amr: [...request.methods],
    epoch: request.credentialVersion,
    claims_version: request.claimsVersion,
    ...(request.roles.length > 0 && { roles: [...request.roles] }),
    ...(impersonation && { act: { sub: impersonation.impersonatorId } }),
  };
  const signed = `${encode({ alg: 'ES256', typ: TOKEN_TYPE, kid })}.${encode(payload)}`;
  const token = `${signed}.${signatureOf(privateKey, signed)}`;
  return { token, expiresAt: new Date(payload.exp * SECOND) };
}

/**
 * Signs ES256 (RFC 7518 3.4) on the main thread, as verification does. In the thread pool a signature
 * would wait behind the password hashes of a flood of sign-ins (ADR-0008).
 */
function signatureOf(privateKey: KeyObject, signed: string): string {
  const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const;
  return sign('sha256', Buffer.from(signed), key).toString('base64url');
}

/** A part of a compact JWS (RFC 7515 7.1). */
function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function toSeconds(moment: Date): number {
  return Math.floor(moment.getTime() / SECOND);
}
