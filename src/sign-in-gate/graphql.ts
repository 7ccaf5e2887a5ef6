import { builder } from '../graphql/builder.ts';
import type { RequestContext } from '../graphql/context.ts';
import type { MfaRequired } from '../proofs/second-factor/challenge.ts';
import { MfaMethodType } from '../proofs/second-factor/graphql.ts';
import { mintDeviceToken } from '../rate-limit/device-token.ts';
import { ViewerType } from '../session/graphql.ts';
import type { SignedIn } from './issue-tokens.ts';

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
        'Keep it on this device, even after signing out, and send it with the next `login`. It proves nothing, but with it strangers who guess the account’s password cannot make this device wait. Null in cookie mode, while the email address is not verified, and for an administrator who acts as the person.',
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
        'The second factors that complete this challenge: PASSKEY with `verifyPasskeyMfa`, the others with `verifyMfa`. EMAIL is not among them if the first factor came from the same mailbox. The list is empty if no method remains: sign in with the password then. After a password reset by mail, the password counts as coming from that mailbox too; if the list is empty even then, only an operator can help.',
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
 * Issues a device token only if the address is proven. Somebody may have claimed an address before its owner.
 * With a device token, that person would remain one of the owner's devices (RL-3), because the token outlives
 * the password and the sessions that the owner's proof ends (PR-8). An administrator who acts as the person gets none.
 */
function deviceTokenOf(deps: RequestContext['deps'], { viewer }: SignedIn) {
  const { user, session } = viewer;
  if (!user.emailVerifiedAt || session.impersonatorId !== null) return null;
  return mintDeviceToken(deps, user.email, session.id);
}

function isSignedIn(result: unknown): result is SignedIn {
  return (
    typeof result === 'object' && result !== null && 'kind' in result && result.kind === 'SignedIn'
  );
}
