import postgres from 'postgres';
import { ServiceUnavailableError } from '../kernel/errors.ts';

type Details = {
  readonly code: string;
  readonly constraint?: string | null;
  readonly statement?: string | null;
  /** What an operator may do about it, without a value that is secret. */
  readonly advice?: string | null;
};

/**
 * A call that failed, in words that may be logged. Postgres' own message, its detail and
 * Drizzle's error carry parameters (hashes, addresses): they stop here (LO-2, DR-1).
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

/** True when a row was refused because another one already has its key. */
export function isUniqueViolation(error: unknown, constraint: string): boolean {
  return (
    error instanceof DatabaseError && error.code === '23505' && error.constraint === constraint
  );
}

/** The database did not answer, or not in time; `code` says which wait ended. */
export function unavailable(code: string, statement?: string): ServiceUnavailableError {
  return new ServiceUnavailableError({
    cause: new DatabaseError({ code, statement: statement ?? null }),
  });
}

/** What a caller may see of anything the driver threw. */
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

/** True when the server itself answered: the connection is in step and can be used again. */
export function isAnswer(error: unknown): boolean {
  return error instanceof postgres.PostgresError && severityOf(error) === 'ERROR';
}

/** True when the session takes no writes: a standby, or a primary that was told to take none. */
export function isReadOnlyFault(error: unknown): boolean {
  return error instanceof postgres.PostgresError && error.code === '25006';
}

/** True when the session does not know what we prepared in it: somebody between us has changed it. */
export function isOutOfStep(error: unknown): boolean {
  return (
    error instanceof postgres.PostgresError && (error.code === '26000' || error.code === '42P05')
  );
}

/**
 * SQLSTATE classes in which nothing was decided and a later try may succeed (PostgreSQL manual,
 * appendix A): 08 connection, 28 and 3D refused at the door, 53 out of disk, memory or connections,
 * 57 cancelled (57014 is statement_timeout) or shutting down, 58 the system beneath.
 */
const OUTSIDE_CLASSES = new Set(['08', '28', '3D', '53', '57', '58']);

/**
 * Single codes likewise: a standby (25006), a lost race (40001, 40P01), lock_timeout (55P03), and a
 * session that is not the one whose statements we prepared (26000, 42P05).
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

/** What postgres.js, Node's sockets and its TLS call a connection that failed. */
const CONNECTION_CODES =
  /^(CONNECT|TLS_|READ_ONLY_|SASL_|E[A-Z]{3,}$|EAI_|ERR_(STREAM|SOCKET|TLS|SSL)_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

function isOutside(code: string, error: unknown): boolean {
  if (!(error instanceof postgres.PostgresError)) return CONNECTION_CODES.test(code);
  return OUTSIDE_CLASSES.has(code.slice(0, 2)) || OUTSIDE_CODES.has(code);
}

/** The untranslated field V; poolers send only S. */
function severityOf(error: postgres.PostgresError): string | null {
  return textOf(error, 'severity') ?? textOf(error, 'severity_local');
}

function textOf(error: unknown, key: string): string | null {
  if (typeof error !== 'object' || error === null) return null;
  const value: unknown = Reflect.get(error, key);
  return typeof value === 'string' ? value : null;
}
