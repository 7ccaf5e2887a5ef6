import type { EventType } from '../audit/event-type.ts';

/**
 * The properties of a kind of credential that the walk needs. A new kind of credential needs one more entry.
 */
type Kind = {
  /** The audit event of an added credential. */
  readonly event: EventType;
  /** An account has at most one at a time, so an entry about its use needs no id. */
  readonly isSingle: boolean;
  /** Counts as a second factor (rule 4: an account that had a second factor keeps one). */
  readonly isSecondFactor: boolean;
  /** The mail about an added credential contains a link that undoes it. */
  readonly isUndoable: boolean;
  /** The content of a removed credential is kept, so that an undo can restore it. */
  readonly isKept: boolean;
};

/** Every kind of credential that gives access to an account, or moves the account to another mailbox. */
const KINDS = {
  identity: {
    event: 'IDENTITY_LINKED',
    isSingle: false,
    isSecondFactor: false,
    isUndoable: true,
    isKept: true,
  },
  passkey: {
    event: 'PASSKEY_ADDED',
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
  /** The choice that the person's passkeys are a second factor. */
  'passkey-factor': {
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
  /** A change of address that has not been confirmed yet. */
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

/** True for a kind that this release knows. A row of another kind was written by another release. */
export function isAccessKind(kind: string): kind is AccessKind {
  return Object.hasOwn(KINDS, kind);
}

/** The properties of a kind. */
export function kindOf(kind: AccessKind): Kind {
  return KINDS[kind];
}
