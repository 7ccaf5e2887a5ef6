import { SECOND } from '../kernel/duration.ts';

/**
 * How long anything may wait for the database, in milliseconds. A frozen, full or restarting one
 * ends every call within 3 s (RR-8, RR-11), so the whole call is bounded and not only its parts.
 */
export type Limits = {
  /** For a free connection; then the call is refused before it was sent. */
  readonly connection: number;
  /** For the TCP connect, TLS and the log-in of a new connection. */
  readonly connect: number;
  /**
   * A call from its first wait to its last answer, a transaction as a whole; and all calls of one
   * request together, from the request's beginning (request-time.ts).
   */
  readonly call: number;
  /** What a call has in any case, however long its request waited for its hash before it. */
  readonly least: number;
  /** By the server: one statement, one lock, and silence inside of a transaction. */
  readonly statement: number;
  readonly lock: number;
  readonly idleInTransaction: number;
};

/** `lock` ends before `statement`: otherwise 57014 would hide 55P03 (PostgreSQL manual, 20.11.1). */
export const LIMITS: Limits = {
  connection: SECOND,
  connect: 2 * SECOND,
  call: 2.5 * SECOND,
  least: 0.3 * SECOND,
  statement: 2.3 * SECOND,
  lock: 2 * SECOND,
  idleInTransaction: 3 * SECOND,
};

/** The server's limits as the names and values of settings. */
export function serverSettings(limits: Limits): Record<string, number> {
  return {
    statement_timeout: limits.statement,
    lock_timeout: limits.lock,
    idle_in_transaction_session_timeout: limits.idleInTransaction,
  };
}
