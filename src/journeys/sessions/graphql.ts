import { builder } from '../../graphql/builder.ts';
import { anyone, enrolling, signedInOnly } from '../../graphql/errors.ts';
import { idRule, tokenRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { requireViewer } from '../../graphql/viewer.ts';
import { InvalidTokenError, NotFoundError } from '../../kernel/errors.ts';
import { LIMITED_REVOCATION, limitedBy } from '../../rate-limit/limits.ts';
import { RULES } from '../../rate-limit/rules.ts';
import { ViewerType } from '../../session/graphql.ts';
import { applySignIn, SignedInType } from '../../sign-in-gate/graphql.ts';
import { logout, type SignedOut } from './logout.ts';
import { refresh } from './refresh.ts';
import { revokeOtherSessions, revokeOwnSession, type SessionsRevoked } from './revoke.ts';

const SignedOutType = builder.objectRef<SignedOut>('SignedOut').implement({
  description: 'The session was ended, and its tokens are no longer valid.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'When the session ended.' }),
  }),
});

const SessionsRevokedType = builder.objectRef<SessionsRevoked>('SessionsRevoked').implement({
  description: 'Sessions were ended, and their tokens are no longer valid.',
  fields: (t) => ({
    count: t.exposeInt('count', { description: 'The number of sessions that were ended.' }),
    viewer: t.field({
      type: ViewerType,
      description: 'The person, with the remaining sessions.',
      resolve: (revoked) => revoked.viewer,
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: ViewerType,
    nullable: true,
    description: 'The signed-in person; null if nobody is signed in.',
    resolve: (_root, _args, context) => context.authentication(),
  }),
);

const RefreshTokenInput = builder.inputType('RefreshTokenInput', {
  description: 'The refresh token to exchange.',
  fields: (t) => ({
    refreshToken: t.string({
      required: true,
      description: 'The newest refresh token of the session.',
      validate: { schema: tokenRule },
    }),
  }),
});

builder.mutationField('refreshToken', (t) =>
  t.errorUnionField({
    rateLimits: limitedBy(RULES.refreshes),
    description:
      'Exchange a refresh token for a new pair of tokens. A refresh token works once. If it is sent again within seconds, it returns the same successor; if it is sent again later, the session is ended.',
    types: [SignedInType, InvalidTokenError, ...anyone],
    union: resultUnion('refreshToken'),
    args: {
      input: t.arg({
        type: RefreshTokenInput,
        description: 'The refresh token. Omit it in cookie mode, where the cookie carries it.',
      }),
    },
    resolve: async (_root, { input }, context) => {
      const { deps, client, refreshCookie } = context;
      const refreshToken = input?.refreshToken ?? refreshCookie.read();
      if (refreshToken === null) throw new InvalidTokenError();
      try {
        return applySignIn(context, await refresh(deps, { refreshToken, client }));
      } catch (error) {
        // The cookie is no longer valid. If it were kept, every page would send it again.
        const isCookie = refreshToken !== input?.refreshToken;
        if (isCookie && error instanceof InvalidTokenError) refreshCookie.clear();
        throw error;
      }
    },
  }),
);

builder.mutationField('logout', (t) =>
  t.errorUnionField({
    // A signed-in session signs out once.
    rateLimits: limitedBy(RULES.signInsAccount, RULES.signInsSource),
    description: 'Sign out.',
    authScopes: { signOut: true },
    types: [SignedOutType, ...enrolling],
    union: resultUnion('logout'),
    resolve: async (_root, _args, context) => {
      const viewer = await requireViewer(context);
      const signedOut = await logout(context.deps, viewer, context.client);
      context.refreshCookie.clear();
      return signedOut;
    },
  }),
);

const RevokeSessionInput = builder.inputType('RevokeSessionInput', {
  description: 'The session to end.',
  fields: (t) => ({
    sessionId: t.id({
      required: true,
      description: 'The `id` of one of the person’s own sessions.',
      validate: { schema: idRule },
    }),
  }),
});

builder.mutationField('revokeSession', (t) =>
  t.errorUnionField({
    rateLimits: LIMITED_REVOCATION,
    description: 'End one of the person’s own sessions, which may be the current one.',
    authScopes: { signedIn: true },
    types: [SessionsRevokedType, NotFoundError, ...signedInOnly],
    union: resultUnion('revokeSession'),
    args: {
      input: t.arg({ type: RevokeSessionInput, required: true, description: 'The session.' }),
    },
    resolve: async (_root, { input }, context) => {
      const { deps, client, refreshCookie } = context;
      const viewer = await requireViewer(context);
      const revoked = await revokeOwnSession(deps, viewer, input.sessionId, client);
      if (input.sessionId === viewer.session.id) refreshCookie.clear();
      return revoked;
    },
  }),
);

builder.mutationField('revokeOtherSessions', (t) =>
  t.errorUnionField({
    rateLimits: LIMITED_REVOCATION,
    description: 'End every session of the person except the current one.',
    authScopes: { signedIn: true },
    types: [SessionsRevokedType, ...signedInOnly],
    union: resultUnion('revokeOtherSessions'),
    resolve: async (_root, _args, context) =>
      await revokeOtherSessions(context.deps, await requireViewer(context), context.client),
  }),
);
