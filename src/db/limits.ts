import { SECOND } from '../kernel/duration.ts';

/**
 * Time limits for the database, in milliseconds. If the database is frozen, full or restarting, every call
 * must end within 3 s (RR-8, RR-11). So the whole call has a limit, not only its parts.
 */
export type Limits = {
  /** Waiting for a free connection. After that, the call is rejected before anything is sent. */
  readonly connection: number;
  /** Opening a connection: TCP, TLS and login. */
  readonly connect: number;
  /**
   * A call from its first wait to its last answer. A transaction is one call. All calls of one request
   * together have the same limit, which begins with the request (request-time.ts).
   */
  readonly call: number;
  /** The minimum for a call, even if its request has waited for a hash longer than the limit. */
  readonly least: number;
  /** Enforced by Postgres: one statement, one wait for a lock, and idle time in a transaction. */
  readonly statement: number;
  readonly lock: number;
  readonly idleInTransaction: number;
};

/** `lock` is shorter than `statement`; otherwise 57014 would hide 55P03 (PostgreSQL manual, 20.11.1). */
export const LIMITS: Limits = {
  connection: SECOND,
  connect: 2 * SECOND,
  call: 2.5 * SECOND,
  least: 0.3 * SECOND,
  statement: 2.3 * SECOND,
  lock: 2 * SECOND,
  idleInTransaction: 3 * SECOND,
};

/** The limits that Postgres enforces, as settings. */
export function serverSettings(limits: Limits): Record<string, number> {
  return {
    statement_timeout: limits.statement,
    lock_timeout: limits.lock,
    idle_in_transaction_session_timeout: limits.idleInTransaction,
  };
}
