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
  description: 'The token is used, over, superseded or was never issued: one answer for all.',
  interfaces: [ErrorInterface],
});

/** A session as one of its person's requests sees it. */
type SessionView = Session & { readonly current: boolean };

const SessionType = builder.objectRef<SessionView>('Session').implement({
  description: 'A signed-in state on one device. It ends by sign-out, by revocation or in time.',
  interfaces: [NodeInterface],
  fields: (t) => ({
    id: t.exposeID('id', { description: 'UUIDv7, also the access token’s `sid`.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it began.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      description: 'When its tokens were last refreshed.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When it ends unless it is refreshed before.',
    }),
    authenticatedAt: t.expose('authenticatedAt', {
      type: 'DateTime',
      description: 'When the person last proved who they are: the token’s `auth_time`.',
    }),
    methods: t.exposeStringList('methods', {
      description: 'What they proved it with: the token’s `amr` (RFC 8176).',
    }),
    ipAddress: t.exposeString('ipAddress', {
      nullable: true,
      description: 'The address it was started from.',
    }),
    userAgent: t.exposeString('userAgent', {
      nullable: true,
      description: 'The browser or app it was started from.',
    }),
    current: t.exposeBoolean('current', {
      description: 'True for the session making this request.',
    }),
  }),
});

const SessionConnection = connectionType('Session', SessionType);

export const ViewerType = builder.objectRef<Authentication>('Viewer').implement({
  description:
    'The signed-in person and everything only they may see. Where this server asks for a second factor and the session has proven none, only `user`, `session` and `mfa` answer.',
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
      description: 'The session making this request.',
      skipTypeScopes: true,
      resolve: (viewer) => ({ ...viewer.session, current: true }),
    }),
    sessions: t.field({
      type: SessionConnection,
      description: 'Every live session of this person, newest first.',
      args: {
        first: t.arg.int({ defaultValue: 20, description: 'How many at most, 1 to 100.' }),
        after: t.arg.string({ description: 'The cursor to go on from.' }),
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
        'JWT (typ at+jwt, ES256): send it as `Authorization: Bearer …`. Any service can verify it with the published keys.',
    }),
    accessTokenExpiresAt: t.expose('accessTokenExpiresAt', {
      type: 'DateTime',
      description: 'When the access token is over.',
    }),
    refreshToken: t.string({
      nullable: true,
      description:
        'Opaque; exchange it with `refreshToken` before the access token is over. It works once. Null in cookie mode.',
      resolve: (signedIn, _args, context) =>
        context.refreshCookie.enabled ? null : signedIn.refreshToken,
    }),
    deviceToken: t.string({
      nullable: true,
      description:
        'Keep it on this device, past sign-out, and send it with the next `login`: it proves nothing, but strangers who guess at the account then cannot make this device wait. Null in cookie mode, and while the address is unproven.',
      resolve: (signedIn, _args, { deps, deviceCookie }) =>
        deviceCookie.enabled ? null : (deviceTokenOf(deps, signedIn)?.token ?? null),
    }),
    refreshTokenExpiresAt: t.expose('refreshTokenExpiresAt', {
      type: 'DateTime',
      description: 'When the refresh token is over unless it is exchanged before.',
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
    'The first factor was right; a second one is owed. Not a session: opens nothing but `verifyMfa` and `sendMfaEmailCode`.',
  fields: (t) => ({
    challengeToken: t.exposeString('challengeToken', {
      description: 'Opaque. Keep it in this browser: it stands for the first factor.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When it is over. Five wrong codes end it sooner.',
    }),
    methods: t.field({
      type: [MfaMethodType],
      description:
        'What `verifyMfa` takes from this person. EMAIL is not among them when the first factor came from the same mailbox; empty when nothing else is left: then sign in with the password. After a password that a mailed reset set it is empty again: it came from that mailbox, too, and only an operator can help.',
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
