import type { EventType } from '../audit/event-type.ts';
import { type AccessKind, kindOf } from './kinds.ts';
import type { KnownEntry } from './walk.ts';

/** A change as it is shown to the account's owner. */
export type SecurityChange = {
  readonly type: EventType;
  readonly at: Date;
  /** The name of a provider or a passkey, an `MfaMethod`, or a masked email address. */
  readonly detail: string | null;
};

/** Describes an entry of the ledger. */
export function changeOf(entry: KnownEntry): SecurityChange {
  const { kind, sessionId, at, label } = entry;
  return { type: eventOf(kind, sessionId), at, detail: detailOf(kind, label) };
}

/** The audit event of an added credential of this kind. */
export function eventOf(kind: AccessKind, sessionId: string | null): EventType {
  return kind === 'password' && sessionId === null ? 'PASSWORD_RESET' : kindOf(kind).event;
}

/** Which credential it is, if there may be several. */
export function detailOf(kind: AccessKind, label: string | null): string | null {
  switch (kind) {
    case 'totp':
      return 'TOTP';
    case 'email-factor':
      return 'EMAIL';
    case 'passkey-factor':
      return 'PASSKEY';
    default:
      return label;
  }
}
