/**
 * The server's dependencies on the outside world, as types. The composition root passes the real ones and a
 * test passes its own, so no room uses the system's clock, random source or network by itself.
 */

import type { Source } from './source.ts';

/** The one clock that decides about lifetimes (ADR-0004). */
export type Clock = {
  now(): Date;
  /** True if this is the time of the database, so that a statement may compare it with the database's own. */
  readonly isOfDatabase?: boolean;
};

/** A cryptographically secure random source. */
export type Random = { bytes(length: number): Buffer };

/** The fields of one log line. Secrets do not belong in a log; use ids. */
type LogFields = Readonly<Record<string, unknown>>;

/** A structured log: the fields first, then one fixed event name. */
export type Log = {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
};

/** Where a request came from, as far as the deployment reveals it. */
export type Client = {
  /** The canonical text of the IP address; null if unknown. */
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  readonly requestId: string;
};

/** Derives and compares password hashes, behind one bounded queue (RL-12). */
export type Hasher = {
  /**
   * Derives a PHC string (argon2id) for a new password.
   *
   * @throws ServerBusyError when the queue is full
   */
  hash(password: string, options?: HashOptions): Promise<string>;
  /**
   * Compares a password with a stored hash. A wrong password costs the same whether there is a hash,
   * none, or one that cannot be read (LG-2, LG-3).
   *
   * @returns true when the password is the right one
   * @throws ServerBusyError when the queue is full
   */
  verify(password: string, stored: string | null, options?: HashOptions): Promise<boolean>;
  /** A place in the queue, not taken yet. */
  place(source: Source | null): HashPlace;
  /** True when a hash was made below the current parameters (PW-5). */
  needsRehash(hash: string): boolean;
};

/** Checks whether a password is known from a breach. Also false if this could not be checked (PW-9). */
export type BreachCheck = (password: string) => Promise<boolean>;

/**
 * A place in the hashing queue, for whoever asks the database first. Without one a thousand who come
 * at once find the queue empty, ask the database, and are refused after that (RL-12).
 */
export type HashPlace = {
  /** @throws ServerBusyError when {@link HashPlace.take} would be refused now */
  demandRoom(): void;
  /**
   * From the call on it counts as one that waits. A source with fewer may still get it. Resolves once
   * all who came at the same moment have been looked at: only then ask the database.
   *
   * @throws ServerBusyError at once when the queue is full
   */
  take(): Promise<void>;
  /** Gives it up; nothing when its task has begun. */
  leave(): void;
  /** The hasher's: runs a task when it is this place's turn. */
  run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T>;
};

/** How a derivation stands in the queue, and what calls it off. */
export type HashOptions = {
  /** Who waits: the queue takes turns between sources, so that one cannot starve the others. */
  readonly source?: Source | null;
  /** Aborted when the client hung up: a queued derivation is then never started (GQ-14). */
  readonly signal?: AbortSignal | null;
  /** A place that was taken before; `source` then means nothing. */
  readonly place?: HashPlace;
};

/** One mail, ready for a transport. */
export type Mail = {
  readonly messageId: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
};

/** Sends one mail. Rejects if it was not accepted; the outbox then tries again. */
export type Mailer = { send(mail: Mail): Promise<void>; close(): void };

/** Words and numbers from closed lists. Neither a caller's text nor a secret belongs in a span. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** Measures the duration of work (OpenTelemetry). Null if tracing is off. */
export type Tracer = {
  /** Measures a part of the current work. Work that belongs to no request is not measured. */
  span<T>(name: string, attributes: SpanAttributes, work: () => Promise<T>): Promise<T>;
  /** Measures work that no request waits for, as a trace of its own. */
  trace<T>(name: string, attributes: SpanAttributes, work: () => Promise<T>): Promise<T>;
  /** Names the current request after something that it asked for. */
  asked(kind: string, name: string): void;
};
