import { claimsThatFit } from '../access-token/custom-claims.ts';
import { type AccessTokenRequest, signAccessToken } from '../access-token/sign.ts';
import type { Session } from '../db/tables/session.ts';
import type { Deps } from '../deps.ts';
import type { Authentication } from '../graphql/context.ts';
import type { Outcome } from '../graphql/result.ts';
import type { MfaRequired } from '../proofs/second-factor/challenge.ts';
import type { SessionGrant } from '../session/create.ts';
import { isRestricted } from '../session/restriction.ts';
import type { FirstFactorOutcome } from './complete-factor.ts';

/** A completed sign-in, with its tokens. */
export type SignedIn = Outcome<'SignedIn'> & {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: Date;
  readonly refreshToken: string;
  readonly refreshTokenExpiresAt: Date;
  readonly viewer: Authentication;
};

type IssueDeps = Pick<Deps, 'clock' | 'random' | 'config' | 'accessTokenKeys'>;

/**
 * Issues the tokens of a committed session. Call it after the commit: signing an access token takes
 * CPU time, during which no connection should be held.
 */
export function issueTokens(deps: IssueDeps, grant: SessionGrant): SignedIn {
  const { session, user, refreshToken } = grant;
  const restricted = isRestricted(deps.config, session);
  const request: AccessTokenRequest = {
    userId: user.id,
    sessionId: session.id,
    authenticatedAt: session.authenticatedAt,
    methods: session.methods,
    credentialVersion: session.credentialVersion,
    claimsVersion: user.claimsVersion,
    ...impersonationOf(session),
    ...(restricted ? NO_RIGHTS : rightsOf(deps.config, grant)),
    restricted,
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

function impersonationOf({
  impersonatorId,
  absoluteExpiresAt: until,
}: Session): Pick<AccessTokenRequest, 'impersonation'> {
  return impersonatorId === null ? {} : { impersonation: { impersonatorId, until } };
}

/**
 * A session that must still set up a second factor carries nothing that another service grants access by. Not every
 * service checks the audience: Hasura and PostgREST do so only if they are configured to (MF-5).
 */
const NO_RIGHTS = { roles: [], custom: {} } as const;

function rightsOf(
  config: Deps['config'],
  { user, session, roles: readRoles }: SessionGrant,
): Pick<AccessTokenRequest, 'roles' | 'custom'> {
  return claimsThatFit(config, { user, roles: readRoles(), sessionId: session.id });
}

/** The last step of every way to sign in, after the commit: tokens, unless a second factor is required. */
export function finishSignIn(deps: IssueDeps, outcome: FirstFactorOutcome): SignedIn | MfaRequired {
  return 'kind' in outcome ? outcome : issueTokens(deps, outcome);
}
