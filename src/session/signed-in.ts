import { type AccessTokenRequest, signAccessToken } from '../access-token/sign.ts';
import type { Session } from '../db/tables/session.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import type { Authentication } from '../graphql/context.ts';
import type { Outcome } from '../graphql/result.ts';
import type { RefreshToken } from './refresh-token.ts';
import { isRestricted } from './restriction.ts';

/** A committed session with the refresh token that now belongs to it. */
export type SessionGrant = {
  readonly session: Session;
  readonly user: User;
  readonly refreshToken: RefreshToken;
};

/** A completed sign-in, tokens as data. */
export type SignedIn = Outcome<'SignedIn'> & {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: Date;
  readonly refreshToken: string;
  readonly refreshTokenExpiresAt: Date;
  readonly viewer: Authentication;
};

/** Signs an access token for a session. Call it after the commit: it holds no connection. */
export function signedIn(
  deps: Pick<Deps, 'clock' | 'random' | 'config' | 'accessTokenKeys'>,
  grant: SessionGrant,
): SignedIn {
  const { session, user, refreshToken } = grant;
  const request: AccessTokenRequest = {
    userId: user.id,
    sessionId: session.id,
    authenticatedAt: session.authenticatedAt,
    methods: session.methods,
    credentialVersion: session.credentialVersion,
    restricted: isRestricted(deps.config, session),
  };
  const accessToken = signAccessToken(deps, request);
  return {
    kind: 'SignedIn',
    accessToken: accessToken.token,
    accessTokenExpiresAt: accessToken.expiresAt,
    refreshToken: refreshToken.text,
    refreshTokenExpiresAt: session.expiresAt,
    viewer: { user, session },
  };
}
