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

/** Derives and verifies password hashes, in the hash queue (RL-12). */
export type Hasher = {
  /**
   * Derives a PHC string (argon2id) for a new password.
   *
   * @throws ServerBusyError if the queue is full
   */
  hash(password: string, options?: HashOptions): Promise<string>;
  /**
   * Compares a password with a stored hash. A wrong password costs the same whether the stored hash is
   * readable, unreadable or missing (LG-2, LG-3).
   *
   * @returns true if the password is right
   * @throws ServerBusyError if the queue is full
   */
  verify(password: string, stored: string | null, options?: HashOptions): Promise<boolean>;
  /** True if a hash was made with less than the current parameters (PW-5). */
  needsRehash(hash: string): boolean;
};

/** Checks whether a password is known from a breach. Also false if this could not be checked (PW-9). */
export type BreachCheck = (password: string) => Promise<boolean>;

/** The bounded queue in which password hashes are derived (RL-12). It is fair between sources. */
export type HashQueue = {
  /** @throws ServerBusyError if {@link HashQueue.reserve} would be refused now */
  requireRoom(source: Source | null): void;
  /**
   * Reserves a slot for an operation that has to ask the database before it hashes. Without reservations,
   * a thousand requests of one moment would find the queue empty, ask the database, and be refused only
   * then (RL-12). The slot counts as waiting from this call on; a source with fewer slots may still
   * displace it. Resolves when all callers of the same moment have either entered the queue or been
   * refused. Ask the database only then.
   *
   * @throws ServerBusyError at once if the queue is full, or later if the slot was displaced
   */
  reserve(source: Source | null): Promise<Reservation>;
  /**
   * Runs a task when a slot is free.
   *
   * @throws ServerBusyError at once if the queue is full, or later if another source needed the slot
   * @throws the signal's reason if it was aborted before the task began (GQ-14). A task that has begun
   *   runs to its end, so that a client cannot disconnect to avoid being counted.
   */
  run<T>(task: () => Promise<T>, options?: HashOptions): Promise<T>;
  /** How busy the queue is, for metrics. */
  stats(): { readonly inFlight: number; readonly waiting: number };
};

/** A slot of the hash queue, for one task. */
export type Reservation = {
  /** Gives the slot up; does nothing once its task has begun. */
  release(): void;
  /** Used by the queue itself: see {@link HashQueue.run}. */
  run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T>;
};

/** How a derivation waits in the hash queue, and what cancels it. */
export type HashOptions = {
  /** The source of the request: the queue is fair between sources. */
  readonly source?: Source | null;
  /** Aborted when the client disconnects: a derivation that still waits is then never started (GQ-14). */
  readonly signal?: AbortSignal | null;
  /** A slot that was reserved before; `source` is then ignored. */
  readonly reservation?: Reservation;
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
