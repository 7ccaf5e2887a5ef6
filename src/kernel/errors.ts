/**
 * A refusal a person can meet on a good day: wrong password, expired link, too many tries.
 *
 * Every subclass carries a fixed message, so nothing a client sent can come back in it, and every
 * subclass is a member of the result unions that can produce it. Anything that is not an AppError
 * is a fault: it is masked before it reaches a client.
 */
export abstract class AppError extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/**
 * The code of a system error, such as ENOENT or ECONNREFUSED; null without one. A log or a report
 * names the code alone, because the message may quote a path, a URL or what was sent.
 */
export function errorCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** The signed-in state is missing, over, or was never ours. */
export class NotAuthenticatedError extends AppError {
  constructor() {
    super('Sign in to do this.');
  }
}

/** One refused field of an input. `path` starts at the argument: `['input', 'email']`. */
export type InputIssue = { readonly path: readonly string[]; readonly message: string };

/** An input that breaks its field's rule. Never repeats the value: it may be a password. */
export class InvalidInputError extends AppError {
  readonly issues: readonly InputIssue[];

  constructor(issues: readonly InputIssue[]) {
    super('Some of the input is invalid.');
    this.issues = issues;
  }
}

/** A way to prove again who is asking, on a session that already exists. */
export type ReauthenticationMethod =
  | 'PASSWORD'
  | 'TOTP'
  | 'EMAIL'
  | 'BACKUP_CODE'
  | 'PASSKEY'
  | 'OAUTH';

/** The session is signed in, but its proof is too old for what was asked (SE-6). */
export class StepUpRequiredError extends AppError {
  readonly maxAgeSeconds: number;
  /** What this person can prove themself with. */
  readonly methods: readonly ReauthenticationMethod[];

  constructor(maxAgeSeconds: number, methods: readonly ReauthenticationMethod[]) {
    super('Confirm your identity to continue.');
    this.maxAgeSeconds = maxAgeSeconds;
    this.methods = methods;
  }
}

/** This server asks for a second factor, and none was proven on this session. */
export class MfaEnrollmentRequiredError extends AppError {
  constructor() {
    super('Set up two-step verification first.');
  }
}

/** A token or a link's code that is spent, over, superseded or was never ours: one answer. */
export class InvalidTokenError extends AppError {
  constructor() {
    super('This token is no longer valid.');
  }
}

/** The caller has used up a budget; the same words whether or not an account exists (RL-11). */
export class RateLimitedError extends AppError {
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('Too many attempts. Try again later.');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The hashing queue is full (RL-12). Nothing was decided; the same request may be sent again. */
export class ServerBusyError extends AppError {
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('The server is busy. Try again in a moment.');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The thing asked for does not exist, or is somebody else's: one answer for both (SE-4). */
export class NotFoundError extends AppError {
  constructor() {
    super('Not found.');
  }
}

/**
 * A fault outside this process: the database is away, frozen or over its limits. Masked as
 * SERVICE_UNAVAILABLE with HTTP 503 and never mistaken for a refusal (RR-8).
 */
export class ServiceUnavailableError extends Error {
  override readonly name = 'ServiceUnavailableError';

  constructor(options?: { readonly cause?: unknown }) {
    super('A service that this server depends on is unavailable.', options);
  }
}
