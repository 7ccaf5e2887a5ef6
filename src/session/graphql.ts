import { run } from '../db/executor.ts';
import type { Session } from '../db/tables/session.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, pageOf, pageRequest } from '../graphql/connection.ts';
import type { Authentication } from '../graphql/context.ts';
import { ErrorInterface } from '../graphql/errors.ts';
import { NodeInterface } from '../graphql/node.ts';
import { InvalidTokenError } from '../kernel/errors.ts';
import { UserType } from '../user/graphql.ts';
import { clientOf, type SessionClient } from './client.ts';
import { requireUnrestricted } from './restriction.ts';
import { listLiveSessions } from './store.ts';

builder.objectType(InvalidTokenError, {
  name: 'InvalidTokenError',
  description:
    'The token was used, has expired, was replaced by a newer one or was never issued. The answer is the same in all cases.',
  interfaces: [ErrorInterface],
});

const SessionClientType = builder.objectRef<SessionClient>('SessionClient').implement({
  description:
    'What a session’s user agent says, for its person to recognize it by. Whoever started the session chose the text.',
  fields: (t) => ({
    browser: t.exposeString('browser', {
      nullable: true,
      description: 'The browser, such as `Firefox`; null if it is not known.',
    }),
    os: t.exposeString('os', {
      nullable: true,
      description: 'The operating system, such as `Android`; null if it is not known.',
    }),
    device: t.exposeString('device', {
      nullable: true,
      description:
        'The kind of device: `Computer`, `Phone`, `Tablet`, `iPhone` or `iPad`; null if it is not known.',
    }),
  }),
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
    ipAddress: t.string({
      nullable: true,
      description:
        'The IP address that started the session; null if an administrator did (`impersonatedBy`).',
      // The origin of an administrator's request is not for the person to see (AD-6).
      resolve: ({ ipAddress, impersonatorId }) => (impersonatorId === null ? ipAddress : null),
    }),
    userAgent: t.string({
      nullable: true,
      description:
        'The browser or app that started the session; null if an administrator did (`impersonatedBy`).',
      resolve: ({ userAgent, impersonatorId }) => (impersonatorId === null ? userAgent : null),
    }),
    impersonatedBy: t.string({
      nullable: true,
      description:
        'The name of this service if one of its administrators acts as the person in this session; null otherwise. Such a session reads and signs out, and changes nothing. It ends at `expiresAt`, or sooner. Which administrator it is stays in the audit log.',
      resolve: ({ impersonatorId }, _args, { deps }) =>
        impersonatorId === null ? null : deps.config.appName,
    }),
    client: t.field({
      type: SessionClientType,
      nullable: true,
      description:
        'The browser and the device of the user agent; null if nothing of it is known, or an administrator started the session.',
      resolve: ({ userAgent, impersonatorId }) =>
        impersonatorId === null ? clientOf(userAgent) : null,
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
    requireUnrestricted(deps.config, viewer.session);
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
        const rows = await run(deps.db, listLiveSessions(page));
        const current = viewer.session.id;
        return pageOf(
          rows.map((session) => ({ ...session, current: session.id === current })),
          request,
        );
      },
    }),
  }),
});
