import { run } from '../../db/executor.ts';
import type { Session } from '../../db/tables/session.ts';
import { listLiveSessions } from '../../session/store.ts';
import { emailsOfUsers } from '../../user/store.ts';
import { batched } from '../graphql/batch.ts';
import { builder, readable } from '../graphql/builder.ts';
import {
  BY_ID,
  connectionType,
  listPage,
  listRequest,
  pageArguments,
} from '../graphql/connection.ts';
import { NodeInterface } from '../graphql/errors.ts';
import { AdminUserType } from './graphql.ts';

const addresses = batched(emailsOfUsers);

const SessionType = builder.objectRef<Session>('Session').implement({
  description:
    'A signed-in state of a person on one device. It ends when the person signs out, when it is revoked or when it expires.',
  interfaces: [NodeInterface],
  fields: (t) => ({
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
    methods: t.exposeStringList('methods', {
      description:
        'The methods of the last authentication: the `amr` claim of the access token (RFC 8176).',
    }),
    ipAddress: t.exposeString('ipAddress', {
      nullable: true,
      description: 'The IP address that started the session; null if it is unknown.',
    }),
    userAgent: t.exposeString('userAgent', {
      nullable: true,
      description: 'The browser or app that started the session, as it names itself.',
    }),
    impersonatedBy: t.string({
      nullable: true,
      description:
        'The address of the administrator who acts as the person in this session; `deleted account` if that account is gone. Null if the session is the person’s own. The IP address and the browser are then the administrator’s.',
      resolve: async ({ impersonatorId }, _args, context) =>
        impersonatorId && ((await addresses(context, impersonatorId)) ?? 'deleted account'),
    }),
  }),
});

const SessionConnection = connectionType('Session', SessionType);

builder.objectField(AdminUserType, 'sessions', (t) =>
  t.field({
    ...readable('USERS_READ'),
    type: SessionConnection,
    description: 'The active sessions of the person, newest first.',
    args: pageArguments,
    resolve: async ({ id: userId }, args, { deps }) => {
      const request = listRequest(args, { name: `sessions of ${userId}`, place: BY_ID });
      const page = { userId, before: request.after, limit: request.limit, now: deps.clock.now() };
      const rows = await run(deps.db, listLiveSessions(page));
      return listPage(rows, request, ({ id }) => id);
    },
  }),
);
