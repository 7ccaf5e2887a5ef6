/**
 * What comes in from outside, as types. The composition root picks the real one, a test picks
 * its own: no room reaches for the wall clock, the random source or the network by itself.
 */

import type { Source } from './source.ts';

/** The one clock lifetimes are judged by (ADR-0004). */
export type Clock = {
  now(): Date;
  /** It tells the time of the database, so a statement may compare it with its own. */
  readonly isOfDatabase?: boolean;
};

/** A cryptographically secure random source. */
export type Random = { bytes(length: number): Buffer };

/** Fields of one log line. Secrets do not belong in a log: pass ids. */
type LogFields = Readonly<Record<string, unknown>>;

/** Structured log: fields first, then one fixed sentence. */
export type Log = {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
};

/** Where a request came from, as far as the deployment lets us know. */
export type Client = {
  /** Canonical text of the address, or null when unknown. */
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

/**
 * Asks whether a password is known from a breach; false also when that could not be found out
 * (PW-9).
 */
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

/** One mail, ready to be handed to a transport. */
export type Mail = {
  readonly messageId: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
};

/** Hands one mail to the world. Rejects when it was not accepted; the outbox tries again. */
export type Mailer = { send(mail: Mail): Promise<void>; close(): void };

/** Words and numbers from closed lists. Nothing a caller wrote and no secret belongs in a span. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/**
 * Tells how long what took (OpenTelemetry). Where nobody listens there is none: whoever takes one
 * takes null as well, and then does nothing for it.
 */
export type Tracer = {
  /** Times a part of what is under way. Work of nobody's request is not told. */
  span<T>(name: string, attributes: SpanAttributes, work: () => Promise<T>): Promise<T>;
  /** Times work that no request waits for, as a trace of its own. */
  trace<T>(name: string, attributes: SpanAttributes, work: () => Promise<T>): Promise<T>;
  /** Names the request under way by something it asked for. */
  asked(kind: string, name: string): void;
};
