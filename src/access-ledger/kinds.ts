import type { EventType } from '../audit/event-type.ts';

/** What the walk has to know about a kind of thing. A new kind of credential is one more line. */
type Kind = {
  /** The event that tells of a new one. */
  readonly event: EventType;
  /** An account has at most one at a time: a use then needs no id to say which one it was. */
  readonly isSingle: boolean;
  /** It counts as a second factor (rule 4: an account that had one keeps one). */
  readonly isSecondFactor: boolean;
  /** The mail about a new one carries a link that undoes it. */
  readonly isUndoable: boolean;
  /** What a session removed of this kind is kept, and an undo brings it back. */
  readonly isKept: boolean;
};

/** Every kind of thing that lets somebody in, or moves the account to another mailbox. */
const KINDS = {
  identity: {
    event: 'IDENTITY_LINKED',
    isSingle: false,
    isSecondFactor: false,
    isUndoable: true,
    isKept: true,
  },
  totp: {
    event: 'MFA_ENABLED',
    isSingle: true,
    isSecondFactor: true,
    isUndoable: true,
    isKept: true,
  },
  'email-factor': {
    event: 'MFA_ENABLED',
    isSingle: true,
    isSecondFactor: true,
    isUndoable: true,
    isKept: true,
  },
  'backup-codes': {
    event: 'BACKUP_CODES_GENERATED',
    isSingle: true,
    isSecondFactor: false,
    isUndoable: true,
    isKept: false,
  },
  password: {
    event: 'PASSWORD_CHANGED',
    isSingle: true,
    isSecondFactor: false,
    isUndoable: false,
    isKept: false,
  },
  address: {
    event: 'EMAIL_CHANGED',
    isSingle: true,
    isSecondFactor: false,
    isUndoable: true,
    isKept: false,
  },
  /** A change of address that waits for its proof. */
  'address-request': {
    event: 'EMAIL_CHANGE_REQUESTED',
    isSingle: true,
    isSecondFactor: false,
    isUndoable: true,
    isKept: false,
  },
} as const satisfies Record<string, Kind>;

/** The name of a kind. */
export type AccessKind = keyof typeof KINDS;

/** True for a kind this release knows. A row of any other kind is another release's. */
export function isAccessKind(kind: string): kind is AccessKind {
  return Object.hasOwn(KINDS, kind);
}

/** What is known of a kind. */
export function kindOf(kind: AccessKind): Kind {
  return KINDS[kind];
}
