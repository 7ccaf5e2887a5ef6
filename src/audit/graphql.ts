import { builder } from '../graphql/builder.ts';
import { connectionType } from '../graphql/connection.ts';
import { NodeInterface } from '../graphql/node.ts';
import { EVENT_TYPES, type EventType } from './event-type.ts';
import type { SecurityEvent } from './store.ts';

export const SecurityEventType = builder.enumType('SecurityEventType', {
  description: 'The type of a security event: one value for each audited action.',
  values: Object.fromEntries(
    Object.entries(EVENT_TYPES).map(([type, description]) => [type, { description }]),
  ) as Record<EventType, { description: string }>,
});

const SecurityEventRef = builder.objectRef<SecurityEvent>('SecurityEvent').implement({
  description: 'One security event of an account, whoever caused it.',
  interfaces: [NodeInterface],
  fields: (t) => ({
    id: t.exposeID('id', { description: 'The event’s id, a UUIDv7.' }),
    type: t.expose('type', { type: SecurityEventType, description: 'What happened.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it happened.' }),
    ipAddress: t.exposeString('ipAddress', {
      nullable: true,
      description: 'The IP address that the request came from; null when unknown.',
    }),
    userAgent: t.exposeString('userAgent', {
      nullable: true,
      description: 'The browser or app that sent the request, as its `User-Agent` header names it.',
    }),
  }),
});

export const SecurityEventConnection = connectionType('SecurityEvent', SecurityEventRef);
