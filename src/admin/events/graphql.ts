import { AUDIT_TYPES, type AuditType } from '../../audit/event-type.ts';
import type { FoundEvent } from '../../audit/search.ts';
import { idRule } from '../../graphql/inputs.ts';
import { builder, readable } from '../graphql/builder.ts';
import { connectionType, pageArguments } from '../graphql/connection.ts';
import { NodeInterface } from '../graphql/errors.ts';
import { ipAddressRule, momentRule } from '../inputs.ts';
import { AdminUserType } from '../users/graphql.ts';
import { type EventActor, eventActorOf } from './actor.ts';
import { listEvents } from './list.ts';

const SecurityEventType = builder.enumType('SecurityEventType', {
  description:
    'The type of an event: every value of the public API, and the acts of administrators that concern no account.',
  values: Object.fromEntries(
    Object.entries(AUDIT_TYPES).map(([type, description]) => [type, { description }]),
  ) as Record<AuditType, { description: string }>,
});

const EventActorKindType = builder.enumType('EventActorKind', {
  description: 'What caused an event.',
  values: {
    PERSON: { description: 'A person, on an account of their own.' },
    ADMINISTRATOR: { description: 'A person, through the administrators’ API.' },
    TOKEN: { description: 'A machine with an admin token.' },
    COMMAND_LINE: { description: 'An operator with the command line.' },
    SYSTEM: { description: 'The server itself.' },
  } as const,
});

const EventActorType = builder.objectRef<EventActor>('EventActor').implement({
  description: 'Who caused an event.',
  fields: (t) => ({
    kind: t.expose('kind', { type: EventActorKindType, description: 'What it was.' }),
    id: t.exposeID('id', {
      nullable: true,
      description:
        'The id of the person or the admin token; null for an operator and for the server.',
    }),
    name: t.exposeString('name', {
      nullable: true,
      description:
        'The address that the person has today, or the name of the token or operator at that time. Null if the account was deleted.',
    }),
  }),
});

const AdminEventType = builder.objectRef<FoundEvent>('AdminEvent').implement({
  description: 'One event of the audit log.',
  interfaces: [NodeInterface],
  fields: (t) => ({
    type: t.expose('type', { type: SecurityEventType, description: 'What happened.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it happened.' }),
    userId: t.exposeID('userId', {
      nullable: true,
      description:
        'The account that the event is about; null if it is about none. After the account was deleted, a random id keeps its events together.',
    }),
    email: t.expose('email', {
      type: 'EmailAddress',
      nullable: true,
      description:
        'The address that the account has today. The log holds no address: null if the account was deleted.',
    }),
    actor: t.field({
      type: EventActorType,
      nullable: true,
      description: 'Who caused it; null for a stranger, who has not proven who they are.',
      resolve: eventActorOf,
    }),
    ipAddress: t.exposeString('ipAddress', {
      nullable: true,
      description: 'The IP address that the request came from; null without a request.',
    }),
    userAgent: t.exposeString('userAgent', {
      nullable: true,
      description: 'The browser or app that sent the request, as its `User-Agent` header names it.',
    }),
    requestId: t.exposeString('requestId', {
      nullable: true,
      description: 'The id of the request, which the log lines of the server have as well.',
    }),
    reason: t.exposeString('reason', {
      nullable: true,
      description:
        'Why: the words of the administrator or operator, or the code of the reason of a failure, such as `wrong-password`.',
    }),
  }),
});

const AdminEventConnection = connectionType('AdminEvent', AdminEventType);

const EventFilter = builder.inputType('EventFilter', {
  description:
    'Which events to list. An event must fulfill every given condition. With several conditions, a page may have fewer items than requested although `hasNextPage` is true: follow `endCursor`.',
  fields: (t) => ({
    types: t.field({
      type: [SecurityEventType],
      description: 'Events of these types. An empty list finds nothing.',
    }),
    userId: t.id({
      description: 'Events about this account.',
      validate: { schema: idRule },
    }),
    actorId: t.id({
      description: 'Events that this person or admin token caused.',
      validate: { schema: idRule },
    }),
    ipAddress: t.string({
      description: 'Events of requests from exactly this IP address.',
      validate: { schema: ipAddressRule },
    }),
    after: t.field({
      type: 'DateTime',
      description: 'Events from this time on.',
      validate: { schema: momentRule },
    }),
    before: t.field({
      type: 'DateTime',
      description: 'Events before this time.',
      validate: { schema: momentRule },
    }),
  }),
});

builder.queryField('events', (t) =>
  t.field({
    ...readable('EVENTS_READ'),
    type: AdminEventConnection,
    description:
      'The audit log, newest first. Events of a type that this release does not know are left out.',
    args: {
      filter: t.arg({ type: EventFilter, description: 'Which events; without it all of them.' }),
      ...pageArguments,
    },
    resolve: async (_root, { filter, ...page }, { deps }) => {
      const { types, userId, actorId, ipAddress, after, before } = filter ?? {};
      return await listEvents(
        deps,
        {
          types: types ?? undefined,
          userId: userId ?? undefined,
          actorId: actorId ?? undefined,
          ipAddress: ipAddress ?? undefined,
          after: after ?? undefined,
          before: before ?? undefined,
        },
        page,
      );
    },
  }),
);

builder.objectField(AdminUserType, 'events', (t) =>
  t.field({
    ...readable('EVENTS_READ'),
    type: AdminEventConnection,
    description: 'The events about this account, whoever caused them, newest first.',
    args: { ...pageArguments },
    resolve: async (user, page, { deps }) => await listEvents(deps, { userId: user.id }, page),
  }),
);
