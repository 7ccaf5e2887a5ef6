import { AppError } from '../../kernel/errors.ts';

/** Why a passkey was refused: for the log and the audit row. A client never learns the reason (PK-7). */
export type PasskeyFailure =
  // The ceremony.
  | 'unknown-ceremony'
  | 'other-purpose'
  | 'other-binding'
  | 'ceremony-expired'
  | 'ceremony-spent'
  // What the browser signed.
  | 'malformed'
  | 'other-type'
  | 'other-challenge'
  | 'other-origin'
  | 'cross-origin'
  | 'other-rp-id'
  | 'user-not-present'
  | 'user-not-verified'
  | 'backup-state'
  | 'wrong-signature'
  // The passkey and its owner.
  | 'unknown-passkey'
  | 'other-person'
  | 'no-user-handle'
  | 'other-user-handle'
  | 'backup-eligibility-changed'
  | 'counter-not-risen'
  | 'account-disabled'
  | 'account-changed'
  // A new passkey.
  | 'unsupported-key'
  | 'already-enrolled'
  | 'user-handle-changed'
  // The operator.
  | 'switched-off';

/**
 * The passkey is unknown, removed, somebody else's or late, was presented before, or its proof is wrong. The
 * answer is the same for every reason.
 */
export class InvalidPasskeyError extends AppError {
  readonly reason: PasskeyFailure;
  /** The account that the failure concerns, if it is known. */
  readonly userId: string | null;
  /** The passkey that was presented, if it is known. */
  readonly passkeyId: string | null;

  constructor(
    reason: PasskeyFailure,
    about: { readonly userId: string | null; readonly passkeyId?: string } = { userId: null },
  ) {
    super('This passkey could not be verified. Try again.');
    this.reason = reason;
    this.userId = about.userId;
    this.passkeyId = about.passkeyId ?? null;
  }
}

/** The person has as many passkeys as this server allows (PASSKEYS_PER_PERSON). */
export class PasskeyLimitError extends AppError {
  readonly limit: number;

  constructor(limit: number) {
    super('You have as many passkeys as you can have. Remove one first.');
    this.limit = limit;
  }
}
