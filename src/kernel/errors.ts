/**
 * An expected failure that people can meet: wrong password, expired link, too many attempts.
 *
 * Every subclass has a fixed message, so nothing that a client sent can be returned in it, and every subclass
 * is a member of the result unions of the operations that throw it. Anything that is not an AppError is a fault
 * and is masked before it reaches a client.
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

/** The operator named something that does not exist. A command that fails with it has an exit code of its own. */
export abstract class NoSuchThingError extends Error {}

/** The request has no valid session: it is missing, ended, or was never issued here. */
export class NotAuthenticatedError extends AppError {
  constructor() {
    super('Sign in to do this.');
  }
}

/** One invalid field of an input. `path` starts at the argument: `['input', 'email']`. */
export type InputIssue = { readonly path: readonly string[]; readonly message: string };

/** An input that breaks the rule of a field. Never contains the value, which may be a password. */
export class InvalidInputError extends AppError {
  readonly issues: readonly InputIssue[];

  constructor(issues: readonly InputIssue[]) {
    super('Some of the input is invalid.');
    this.issues = issues;
  }
}

/** A way to reauthenticate on an existing session. */
export type ReauthenticationMethod =
  | 'PASSWORD'
  | 'TOTP'
  | 'EMAIL'
  | 'BACKUP_CODE'
  | 'PASSKEY'
  | 'OAUTH';

/** The session is signed in, but its authentication is too old for the operation (SE-6). */
export class StepUpRequiredError extends AppError {
  readonly maxAgeSeconds: number;
  /** The methods with which this person can reauthenticate. */
  readonly methods: readonly ReauthenticationMethod[];

  constructor(maxAgeSeconds: number, methods: readonly ReauthenticationMethod[]) {
    super('Confirm your identity to continue.');
    this.maxAgeSeconds = maxAgeSeconds;
    this.methods = methods;
  }
}

/** This server requires a second factor, and this session has not proven one. */
export class MfaEnrollmentRequiredError extends AppError {
  constructor() {
    super('Set up two-step verification first.');
  }
}

/** An administrator acts as the person in this session. It reads and signs out, and changes nothing (IM-2). */
export class ImpersonatedSessionError extends AppError {
  constructor() {
    super('A support session changes nothing. Only the person can do this.');
  }
}

/**
 * A token, or the code from the same mail, was used, has expired, was replaced or was never issued. The answer
 * is the same in all cases.
 */
export class InvalidTokenError extends AppError {
  constructor() {
    super('This token is no longer valid.');
  }
}

/** The caller has exceeded a rate limit. The message is the same whether or not an account exists (RL-11). */
export class RateLimitedError extends AppError {
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('Too many attempts. Try again later.');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The hash queue is full (RL-12). Nothing was decided, and the same request may be sent again. */
export class ServerBusyError extends AppError {
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('The server is busy. Try again in a moment.');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * The requested object does not exist or belongs to someone else. The answer is the same in both cases (SE-4).
 */
export class NotFoundError extends AppError {
  constructor() {
    super('Not found.');
  }
}

/** The caller of the administrators' API lacks a permission, or acts on somebody who has one that the caller lacks (AD-3). */
export class MissingPermissionError extends AppError {
  /** The name of the missing permission. */
  readonly permission: string;

  constructor(permission: string) {
    super('You do not have the permission to do this.');
    // The name in the schema. A library in the bundle has a class of that name.
    this.name = 'ForbiddenError';
    this.permission = permission;
  }
}

/** Somebody else changed the object since the caller read it. Nothing was changed. */
export class ConflictError extends AppError {
  constructor() {
    super('This was changed meanwhile. Read it again.');
  }
}

/**
 * A fault outside this process: the database is unreachable, frozen or overloaded. It is masked as
 * SERVICE_UNAVAILABLE with HTTP 503 and never mistaken for an expected failure (RR-8).
 */
export class ServiceUnavailableError extends Error {
  override readonly name = 'ServiceUnavailableError';

  constructor(options?: { readonly cause?: unknown }) {
    super('A service that this server depends on is unavailable.', options);
  }
}
