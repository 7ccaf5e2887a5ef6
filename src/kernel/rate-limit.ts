import type { Client } from './ports.ts';

/** How much a limit allows: so many attempts within a period. */
export type LimitRule = {
  /**
   * Separates the rule's counters from those of other rules. Operators read it in the audit log, the
   * metrics and RATE_LIMITS.
   */
  readonly name: string;
  /**
   * The number of attempts before the limit closes; at least 2 for a rule that refills, schedules or has waits.
   */
  readonly allowance: number;
  /** How long an attempt is remembered, in milliseconds. */
  readonly period: number;
  /**
   * A rule that refills forgets its attempts one by one, at an even rate: `allowance` at once, then one
   * more after each `period / allowance`. People who share a limit that others used up therefore wait for
   * the next attempt only. Without it, all attempts of a period are forgotten together, at its end.
   */
  readonly refills?: true;
  /**
   * For failures in a row. A limit that is used up opens again for one attempt after a wait, and each wait
   * is twice as long as the one before, up to `longest`. After `most` failures it stays closed until the
   * period ends. Without waits, a limit that does not refill stays closed until the period ends.
   */
  readonly waits?: { readonly first: number; readonly longest: number; readonly most: number };
  /**
   * A rule that schedules never refuses: an attempt beyond the allowance gets a time in the next period
   * that has room. Only mail, which can be sent later, may use it. Put a rule that refuses before it.
   */
  readonly schedules?: true;
};

/** One rate limit of one key: of an account, a source, a session. */
export type Limit = {
  readonly rule: LimitRule;
  /** Attempts with the same key are counted together. Only a keyed hash of the key is stored. */
  readonly key: readonly string[];
  /** If present, the limit counts different members: an attempt of a counted member is free. */
  readonly member?: string;
  /**
   * Concurrency limit: the most attempts of this key that are under way at once in this process. Further
   * attempts wait.
   */
  readonly concurrency?: number;
  /**
   * The device token that this limit is granted for. If the account of that address has voided the tokens
   * issued until then, the limit refuses the attempt without counting it (PR-12).
   */
  readonly device?: { readonly email: string; readonly issuedAt: Date };
  /**
   * If the limits that this one belongs to refuse an attempt, the fallback limits decide. Limits that had
   * already counted the attempt keep it.
   */
  readonly fallback?: readonly Limit[];
};

/** One promise for each statement that is sent together with a count. Null for each null. */
export type Answers<Sent extends readonly unknown[]> = {
  -readonly [Index in keyof Sent]: Promise<
    Sent[Index] extends { readonly read: (rows: never) => infer Result } ? Result : null
  >;
};

/** The client of an attempt, and the signal to stop waiting for a concurrency limit. */
type From = { readonly client: Client; readonly signal?: AbortSignal };

/**
 * An attempt to prove something, such as a password. Once it is counted, it stays counted as a failure
 * unless it is confirmed or refunded.
 */
export type Attempt<Statement> = {
  /**
   * Counts the attempt, in one pipeline with what the caller reads. Call it before anything is verified.
   *
   * @returns one promise for each statement that reads
   * @throws RateLimitedError if a limit refuses the attempt; ServiceUnavailableError if it cannot be counted
   */
  count<const Sent extends readonly (Statement | null)[] = []>(read?: Sent): Promise<Answers<Sent>>;
  /**
   * The credential was right: refunds the attempt and ends the failures in a row before it. Never throws:
   * a refund that fails is deferred.
   */
  confirm(): Promise<void>;
  /** {@link Attempt.confirm} as a statement, for the transaction of the outcome. Null if nothing was counted. */
  confirmation(): Statement | null;
};

/** The decision about an act. `opensAt` is the time at which all of its limits allow the next one. */
type Counted<Sent extends readonly unknown[]> =
  | { readonly allowed: true; readonly read: Answers<Sent>; readonly opensAt: Date }
  | { readonly allowed: false; readonly retryAfterSeconds: number };

/** For the statements of a mail that is written before anyone knows whether its limits allow it. */
export type MailSlot<Expression> = {
  /** True if a limit refused the mail: what is written then must reach nobody. */
  readonly isRefused: Expression;
  /** When the mail may leave. */
  readonly scheduledAt: Expression;
};

/**
 * The rate limiter. Its counters are in the database: they survive restarts and are common to all
 * instances (RL-7).
 *
 * It counts first and decides in the same statement, so that parallel attempts never exceed a limit (RL-6).
 * If it cannot count, it allows nothing (RL-10). Limits are counted in their order; a limit that refuses
 * leaves the limits after it uncounted, so put limits that strangers can use up for others last.
 */
export type RateLimiter<Statement, Expression> = {
  /**
   * Counts an attempt and verifies it. The attempt is
   * - confirmed if `verify` returns: refunded, and failures in a row before it are forgotten;
   * - refunded if `verify` throws because nothing was verified: the server was busy, or the client or a
   *   service was gone. A refund that fails is deferred;
   * - kept as a failure if `verify` throws anything else.
   *
   * @throws RateLimitedError before `verify` is called; ServiceUnavailableError if the attempt cannot be
   *   counted; whatever `verify` throws
   */
  attempt<T>(limits: readonly Limit[], from: From, verify: () => Promise<T>): Promise<T>;
  /**
   * {@link RateLimiter.attempt} for an operation that counts and confirms in pipelines of its own: `work`
   * is called under the concurrency limits, and must call {@link Attempt.count} before it verifies
   * anything. If it returns without a confirmation, the attempt stays counted.
   */
  withAttempt<T>(
    limits: readonly Limit[],
    from: From,
    work: (attempt: Attempt<Statement>) => Promise<T>,
  ): Promise<T>;
  /**
   * Counts an act and runs it. The act stays counted whatever its outcome is: a success writes as much as a
   * failure does (RL-14).
   *
   * @throws RateLimitedError before `run` is called, also if too many acts wait for a concurrency limit;
   *   ServiceUnavailableError if the act cannot be counted; whatever `run` throws
   */
  countAndRun<T>(limits: readonly Limit[], from: Required<From>, run: () => Promise<T>): Promise<T>;
  /**
   * Counts an act for good, in one pipeline with what the caller reads.
   *
   * @throws ServiceUnavailableError if the act cannot be counted
   */
  count<const Sent extends readonly (Statement | null)[] = []>(
    limits: readonly Limit[],
    client: Client,
    read?: Sent,
  ): Promise<Counted<Sent>>;
  /**
   * Counts a mail and writes it, in one pipeline. The mail is written even if a limit refuses it: neither
   * the answer nor its duration may tell which (LG-4).
   *
   * @param requests limits that refuse nothing; they count what this requester asks for, and the answer
   *   may only depend on them
   * @param write makes the statements of the mail, and of whatever else its transaction writes
   * @returns `resendableAt`: when the request limits allow the next request
   * @throws ServiceUnavailableError if the mail cannot be counted
   */
  schedule(
    limits: readonly Limit[],
    requests: readonly Limit[],
    client: Client,
    write: (slot: MailSlot<Expression>) => readonly (Statement | null)[],
  ): Promise<{ readonly resendableAt: Date }>;
  /** Counts a request that is never refused. @returns when the limits allow the next request */
  countRequest(requests: readonly Limit[]): Promise<Date>;
  /**
   * Forgets what limits have counted, as with a password reset. Run it in the transaction of its reason: a reset
   * that fails later would leave a changed password without an answer.
   */
  reset(limits: readonly Limit[]): Statement;
};
