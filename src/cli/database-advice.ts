import { DatabaseError } from '../db/errors.ts';
import { MigrationError } from '../db/migrations/migrations.ts';

/** Advice for an operator about a failed statement, by its SQLSTATE or the timeout that expired. */
const ADVICE: Readonly<Record<string, string>> = {
  '25006':
    'the database accepts no writes: name the primary in DATABASE_URL, or check default_transaction_read_only',
  '42501':
    'the role lacks a privilege for this: run it as the owner of the tables, or grant what latchkey doctor names',
  '42P01': 'a table is missing: run latchkey migrate up, and see latchkey migrate status',
  '53100': 'the disk of the database is full: free some space there, and run the command again',
  '55P03':
    'another session holds a lock that the command needs: run the command again, and look for the session in pg_stat_activity',
  '57014': 'the statement timed out: run the command again when the database is less busy',
  CALL_TIMEOUT:
    'the database did not answer in time: run the command again when the database is less busy',
};

/** Advice for a database error. A failed log-in (db/driver/log-in-fault.ts) and most migrations have texts of their own. */
export function databaseAdvice(error: Error): string | null {
  if (error instanceof DatabaseError && error.advice === null) {
    const advice = ADVICE[error.code];
    return advice === undefined ? null : `${advice} (${error.code}).`;
  }
  if (error instanceof MigrationError && error.code === '25006') {
    return `${error.message}: ${ADVICE['25006']}`;
  }
  return null;
}
