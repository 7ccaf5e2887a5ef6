import { AppError } from '../../kernel/errors.ts';

/** Why a flow failed: for the log and the audit row. A client never learns the reason (GQ-10). */
export type OAuthFailure =
  // The callback does not belong to a flow of this browser.
  | 'malformed-callback'
  | 'unknown-flow'
  | 'state-mismatch'
  | 'redirect-uri-mismatch'
  | 'flow-used'
  | 'flow-expired'
  | 'other-session'
  // The provider failed or rejected the request.
  | 'provider-not-configured'
  | 'provider-unreachable'
  | 'provider-misconfigured'
  | 'provider-refused'
  | 'answer-refused'
  // The person cannot be signed in or linked.
  | 'no-email'
  | 'email-not-verified'
  | 'account-disabled'
  | 'address-held'
  | 'account-changed'
  | 'linked-elsewhere'
  | 'session-ended';

/**
 * The person canceled at the provider, or the provider did not let them continue. An app returns to where the
 * person was instead of reporting a fault.
 */
export class OAuthCancelledError extends AppError {
  /** For the log and the audit row, as in {@link OAuthFailedError}. */
  readonly reason = 'cancelled';
  readonly code = null;
  readonly userId = null;

  constructor() {
    super('The sign-in was canceled at the provider.');
  }
}

/** Signing in with a provider or linking one failed. The answer is the same for every reason. */
export class OAuthFailedError extends AppError {
  readonly reason: OAuthFailure;
  /** A code from a closed list with more detail. Never the provider's own text. */
  readonly code: string | null;
  /** The account that the failure concerns, if it is known. */
  readonly userId: string | null;

  constructor(reason: OAuthFailure, code: string | null = null, userId: string | null = null) {
    super('Signing in with this provider failed. Try again.');
    this.reason = reason;
    this.code = code;
    this.userId = userId;
  }
}
