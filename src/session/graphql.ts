import type { Session } from '../db/tables/session.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, pageOf, pageRequest } from '../graphql/connection.ts';
import type { Authentication, RequestContext } from '../graphql/context.ts';
import { ErrorInterface } from '../graphql/errors.ts';
import { NodeInterface } from '../graphql/node.ts';
import { InvalidTokenError } from '../kernel/errors.ts';
import type { MfaRequired } from '../proofs/second-factor/challenge.ts';
import { MfaMethodType } from '../proofs/second-factor/graphql.ts';
import { mintDeviceToken } from '../rate-limit/device-token.ts';
import { UserType } from '../user/graphql.ts';
import { demandUnrestricted } from './restriction.ts';
import type { SignedIn } from './signed-in.ts';
import { listLiveSessions } from './store.ts';

builder.objectType(InvalidTokenError, {
  name: 'InvalidTokenError',
  description:
    'The token was used, has expired, was replaced by a newer one or was never issued. The answer is the same in all cases.',
  interfaces: [ErrorInterface],
});

/** A session as one of its person's requests sees it. */
type SessionView = Session & { readonly current: boolean };

const SessionType = builder.objectRef<SessionView>('Session').implement({
  description:
    'A signed-in state on one device. It ends when the person signs out, when it is revoked or when it expires.',
  interfaces: [NodeInterface],
  fields: (t) => ({
    id: t.exposeID('id', {
      description: 'A UUIDv7. It is also the `sid` claim of the access token.',
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When the session started.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      description: 'When the session’s tokens were last refreshed.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When the session expires if its tokens are not refreshed.',
    }),
    authenticatedAt: t.expose('authenticatedAt', {
      type: 'DateTime',
      description: 'When the person last authenticated: the `auth_time` claim of the access token.',
    }),
    methods: t.exposeStringList('methods', {
      description:
        'The methods of that authentication: the `amr` claim of the access token (RFC 8176).',
    }),
    ipAddress: t.exposeString('ipAddress', {
      nullable: true,
      description: 'The IP address that started the session.',
    }),
    userAgent: t.exposeString('userAgent', {
      nullable: true,
      description: 'The browser or app that started the session.',
    }),
    current: t.exposeBoolean('current', {
      description: 'True for the session that makes this request.',
    }),
  }),
});

const SessionConnection = connectionType('Session', SessionType);

export const ViewerType = builder.objectRef<Authentication>('Viewer').implement({
  description:
    'The signed-in person and everything that only they may see. If this server requires two-step verification and the session has not proven a second factor, only `user`, `session` and `mfa` can be read.',
  // Denied by default: a new field shows a restricted session nothing unless it says otherwise.
  authScopes: (viewer, { deps }) => {
    demandUnrestricted(deps.config, viewer.session);
    return true;
  },
  fields: (t) => ({
    user: t.field({
      type: UserType,
      description: 'The person.',
      skipTypeScopes: true,
      resolve: (viewer) => viewer.user,
    }),
    session: t.field({
      type: SessionType,
      description: 'The session that makes this request.',
      skipTypeScopes: true,
      resolve: (viewer) => ({ ...viewer.session, current: true }),
    }),
    sessions: t.field({
      type: SessionConnection,
      description: 'Every active session of this person, newest first.',
      args: {
        first: t.arg.int({
          defaultValue: 20,
          description: 'The maximum number of items, 1 to 100.',
        }),
        after: t.arg.string({ description: 'The cursor of the item after which the page starts.' }),
      },
      resolve: async (viewer, args, { deps }) => {
        const request = pageRequest(args);
        const page = { ...request, userId: viewer.user.id, now: deps.clock.now() };
        const rows = await listLiveSessions(deps.db, page);
        const current = viewer.session.id;
        return pageOf(
          rows.map((session) => ({ ...session, current: session.id === current })),
          request,
        );
      },
    }),
  }),
});

export const SignedInType = builder.objectRef<SignedIn>('SignedIn').implement({
  description: 'A completed sign-in.',
  fields: (t) => ({
    accessToken: t.exposeString('accessToken', {
      description:
        'A JWT (typ at+jwt, ES256). Send it as `Authorization: Bearer …`. Any service can verify it with the published keys.',
    }),
    accessTokenExpiresAt: t.expose('accessTokenExpiresAt', {
      type: 'DateTime',
      description: 'When the access token expires.',
    }),
    refreshToken: t.string({
      nullable: true,
      description:
        'An opaque token. Exchange it with `refreshToken` before the access token expires. It works once. Null in cookie mode.',
      resolve: (signedIn, _args, context) =>
        context.refreshCookie.enabled ? null : signedIn.refreshToken,
    }),
    deviceToken: t.string({
      nullable: true,
      description:
        'Keep it on this device, even after signing out, and send it with the next `login`. It proves nothing, but with it strangers who guess the account’s password cannot make this device wait. Null in cookie mode, and while the email address is not verified.',
      resolve: (signedIn, _args, { deps, deviceCookie }) =>
        deviceCookie.enabled ? null : (deviceTokenOf(deps, signedIn)?.token ?? null),
    }),
    refreshTokenExpiresAt: t.expose('refreshTokenExpiresAt', {
      type: 'DateTime',
      description: 'When the refresh token expires if it is not exchanged.',
    }),
    viewer: t.field({
      type: ViewerType,
      description: 'The person who is now signed in.',
      resolve: (signedIn) => signedIn.viewer,
    }),
  }),
});

export const MfaRequiredType = builder.objectRef<MfaRequired>('MfaRequired').implement({
  description:
    'The first factor was correct, and a second factor is required. This is not a session: it gives access to `verifyMfa` and `sendMfaEmailCode` only.',
  fields: (t) => ({
    challengeToken: t.exposeString('challengeToken', {
      description: 'An opaque token that stands for the first factor. Keep it in this browser.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When the challenge expires. Five wrong codes end it sooner.',
    }),
    methods: t.field({
      type: [MfaMethodType],
      description:
        'The methods that `verifyMfa` accepts from this person. EMAIL is not among them if the first factor came from the same mailbox. The list is empty if no method remains: sign in with the password then. After a password reset by mail, the password counts as coming from that mailbox too; if the list is empty even then, only an operator can help.',
      resolve: (required) => [...required.methods],
    }),
  }),
});

/**
 * The last step of every resolver that signs in: in cookie mode the refresh token leaves through
 * the cookie, and the rest of this operation sees the new session.
 */
export function applySignIn<Result>(
  context: RequestContext,
  result: Result | SignedIn,
): Result | SignedIn {
  if (!isSignedIn(result)) return result;
  context.refreshCookie.write(result.refreshToken, result.refreshTokenExpiresAt);
  if (context.deviceCookie.enabled) {
    const device = deviceTokenOf(context.deps, result);
    if (device) context.deviceCookie.write(device.token, device.expiresAt);
  }
  return result;
}

/**
 * None for an address that is not proven: whoever claimed it before its owner comes would keep the
 * token, which outlives the password and the sessions that the owner's proof ends (PR-8), and be one
 * of the owner's devices (RL-3).
 */
function deviceTokenOf(deps: RequestContext['deps'], { viewer }: SignedIn) {
  const { user, session } = viewer;
  return user.emailVerifiedAt ? mintDeviceToken(deps, user.email, session.id) : null;
}

function isSignedIn(result: unknown): result is SignedIn {
  return (
    typeof result === 'object' && result !== null && 'kind' in result && result.kind === 'SignedIn'
  );
}
