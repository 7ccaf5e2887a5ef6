import { AppError } from '../../kernel/errors.ts';

/** Why a round trip failed: for the log and the audit row. A client is told none of it (GQ-10). */
export type OAuthFailure =
  // what came back does not belong to a flow of this browser
  | 'malformed-callback'
  | 'unknown-flow'
  | 'state-mismatch'
  | 'redirect-uri-mismatch'
  | 'flow-used'
  | 'flow-expired'
  | 'other-session'
  // the provider
  | 'provider-not-configured'
  | 'provider-unreachable'
  | 'provider-misconfigured'
  | 'provider-refused'
  | 'answer-refused'
  // who came back
  | 'no-email'
  | 'email-not-verified'
  | 'account-disabled'
  | 'address-held'
  | 'account-changed'
  | 'linked-elsewhere'
  | 'session-ended';

/**
 * The person gave up at the provider, or the provider let them not through: an app goes back to where
 * they were instead of reporting a fault.
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

/** Signing in or linking through a provider failed: one answer, whatever the reason. */
export class OAuthFailedError extends AppError {
  readonly reason: OAuthFailure;
  /** A code from a closed list that says more. Never the provider's own text. */
  readonly code: string | null;
  /** Whose account it was about, where that is known. */
  readonly userId: string | null;

  constructor(reason: OAuthFailure, code: string | null = null, userId: string | null = null) {
    super('Signing in with this provider failed. Try again.');
    this.reason = reason;
    this.code = code;
    this.userId = userId;
  }
}
