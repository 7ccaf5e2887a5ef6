import type { EventType } from '../audit/event-type.ts';
import { type AccessKind, kindOf } from './kinds.ts';
import type { KnownEntry } from './walk.ts';

/** A change as its person is told of it. */
export type SecurityChange = {
  readonly type: EventType;
  readonly at: Date;
  /** A provider's name, an `MfaMethod`, an address in part. */
  readonly detail: string | null;
};

/** Tells of an entry of the ledger. */
export function changeOf(entry: KnownEntry): SecurityChange {
  const { kind, sessionId, at, label } = entry;
  return { type: eventOf(kind, sessionId), at, detail: detailOf(kind, label) };
}

/** Which event tells of a new thing of this kind. */
export function eventOf(kind: AccessKind, sessionId: string | null): EventType {
  return kind === 'password' && sessionId === null ? 'PASSWORD_RESET' : kindOf(kind).event;
}

/** Which one it is, where there may be several. */
export function detailOf(kind: AccessKind, label: string | null): string | null {
  if (kind === 'totp') return 'TOTP';
  return kind === 'email-factor' ? 'EMAIL' : label;
}
