import { builder } from '../graphql/builder.ts';
import { connectionType } from '../graphql/connection.ts';
import { NodeInterface } from '../graphql/node.ts';
import { EVENT_TYPES, type EventType } from './event-type.ts';
import type { SecurityEvent } from './store.ts';

export const SecurityEventType = builder.enumType('SecurityEventType', {
  description: 'What happened: one value for each audited act.',
  values: Object.fromEntries(
    Object.entries(EVENT_TYPES).map(([type, description]) => [type, { description }]),
  ) as Record<EventType, { description: string }>,
});

const SecurityEventRef = builder.objectRef<SecurityEvent>('SecurityEvent').implement({
  description: 'One act on or around the account, whoever did it.',
  interfaces: [NodeInterface],
  fields: (t) => ({
    id: t.exposeID('id', { description: 'UUIDv7.' }),
    type: t.expose('type', { type: SecurityEventType, description: 'What happened.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When.' }),
    ipAddress: t.exposeString('ipAddress', {
      nullable: true,
      description: 'The address it came from; null when it is not known.',
    }),
    userAgent: t.exposeString('userAgent', {
      nullable: true,
      description: 'The browser or app it came from, by its own account.',
    }),
  }),
});

export const SecurityEventConnection = connectionType('SecurityEvent', SecurityEventRef);
