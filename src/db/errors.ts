import postgres from 'postgres';
import { ServiceUnavailableError } from '../kernel/errors.ts';

type Details = {
  readonly code: string;
  readonly constraint?: string | null;
  readonly statement?: string | null;
  /** Advice for the operator, without secret values. */
  readonly advice?: string | null;
};

/**
 * A failed call, described without secrets so that it may be logged. The message and the detail of Postgres
 * and the error of Drizzle contain parameters (hashes, addresses), so this class leaves them out (LO-2,
 * DR-1).
 */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  /** SQLSTATE, or the code of the driver or the socket. */
  readonly code: string;
  /** The constraint that refused the row, as named in the tables. */
  readonly constraint: string | null;
  /** The text sent, with placeholders for its parameters. */
  readonly statement: string | null;
  readonly advice: string | null;

  constructor({ code, constraint = null, statement = null, advice = null }: Details) {
    const what = constraint ? `${code}, ${constraint}` : code;
    super(advice ? `${advice} (${what}).` : `A database call failed (${what}).`);
    this.advice = advice;
    this.code = code;
    this.constraint = constraint;
    this.statement = statement;
  }
}

/** True if a row was rejected because another row has the same key. */
export function isUniqueViolation(error: unknown, constraint: string): boolean {
  return (
    error instanceof DatabaseError && error.code === '23505' && error.constraint === constraint
  );
}

/** The database did not answer in time. `code` says which limit was exceeded. */
export function unavailable(code: string, statement?: string): ServiceUnavailableError {
  return new ServiceUnavailableError({
    cause: new DatabaseError({ code, statement: statement ?? null }),
  });
}

/** Converts an error of the driver into one that callers may see. */
export function databaseFault(
  error: unknown,
  statement?: string,
): DatabaseError | ServiceUnavailableError {
  if (error instanceof DatabaseError || error instanceof ServiceUnavailableError) return error;
  const code = textOf(error, 'code') ?? (error instanceof Error ? error.name : 'UNKNOWN');
  if (isOutside(code, error)) return unavailable(code, statement);
  return new DatabaseError({
    code,
    constraint: textOf(error, 'constraint_name'),
    statement: statement ?? null,
  });
}

/** True if the error is an answer of the server. The connection is then in step and can be used again. */
export function isAnswer(error: unknown): boolean {
  return error instanceof postgres.PostgresError && severityOf(error) === 'ERROR';
}

/** True if the session accepts no writes: a standby, or a primary that is configured to accept none. */
export function isReadOnlyFault(error: unknown): boolean {
  return error instanceof postgres.PostgresError && error.code === '25006';
}

/**
 * True if the session does not know a statement that this server prepared in it: a pooler has changed the
 * session.
 */
export function isOutOfStep(error: unknown): boolean {
  return (
    error instanceof postgres.PostgresError && (error.code === '26000' || error.code === '42P05')
  );
}

/**
 * SQLSTATE classes of failures that decide nothing, so that a later attempt may succeed (PostgreSQL manual,
 * appendix A): 08 connection, 28 and 3D login rejected, 53 out of disk, memory or connections, 57 canceled
 * (57014 is statement_timeout) or shutting down, 58 operating system.
 */
const OUTSIDE_CLASSES = new Set(['08', '28', '3D', '53', '57', '58']);

/**
 * Single codes of the same kind: a standby (25006), a lost race (40001, 40P01), lock_timeout (55P03), and a
 * session that lacks the statements that this server prepared (26000, 42P05).
 */
const OUTSIDE_CODES = new Set([
  '25006',
  '25P03',
  '25P04',
  '26000',
  '40001',
  '40P01',
  '42P05',
  '55P03',
]);

/** The codes of postgres.js, Node's sockets and its TLS for a failed connection. */
const CONNECTION_CODES =
  /^(CONNECT|TLS_|READ_ONLY_|SASL_|E[A-Z]{3,}$|EAI_|ERR_(STREAM|SOCKET|TLS|SSL)_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

function isOutside(code: string, error: unknown): boolean {
  if (!(error instanceof postgres.PostgresError)) return CONNECTION_CODES.test(code);
  return OUTSIDE_CLASSES.has(code.slice(0, 2)) || OUTSIDE_CODES.has(code);
}

/** The field V is not translated. Poolers send only S. */
function severityOf(error: postgres.PostgresError): string | null {
  return textOf(error, 'severity') ?? textOf(error, 'severity_local');
}

function textOf(error: unknown, key: string): string | null {
  if (typeof error !== 'object' || error === null) return null;
  const value: unknown = Reflect.get(error, key);
  return typeof value === 'string' ? value : null;
}
