import type { FoundEvent } from '../../audit/search.ts';

/** What acted. */
type EventActorKind = 'PERSON' | 'ADMINISTRATOR' | 'TOKEN' | 'COMMAND_LINE' | 'SYSTEM';

/** The person, machine or operator that caused an event. */
export type EventActor = {
  readonly kind: EventActorKind;
  readonly id: string | null;
  readonly name: string | null;
};

/** @returns null for somebody who has not proven who they are */
export function eventActorOf(event: FoundEvent): EventActor | null {
  const { by, actorId: id, actorEmail, operator, token } = event;
  if (by === 'operator') return { kind: 'COMMAND_LINE', id: null, name: operator };
  if (by === 'token') return { kind: 'TOKEN', id, name: token };
  if (by === 'administrator') return { kind: 'ADMINISTRATOR', id, name: actorEmail };
  if (id !== null) return { kind: 'PERSON', id, name: actorEmail };
  // A stranger's act has the origin of a request, or had one until the account was deleted; an act of the server has none.
  return event.requestId === null && !event.wasStranger
    ? { kind: 'SYSTEM', id: null, name: null }
    : null;
}
