import { DatabaseError } from '../db/errors.ts';
import { MigrationError } from '../db/migrations/migrations.ts';

/** What an operator may do about a statement that failed, by its SQLSTATE or the wait that ended. */
const ADVICE: Readonly<Record<string, string>> = {
  '25006':
    'the database takes no writes: name the primary in DATABASE_URL, or look for default_transaction_read_only',
  '42501':
    'the role lacks a privilege for this: run it as the owner of the tables, or grant what latchkey doctor names',
  '42P01': 'a table is missing: run latchkey migrate up, and see latchkey migrate status',
  '53100': 'the disk of the database is full: make room there, and run this again',
  '55P03':
    'somebody else holds a lock that this needs: run it again, and see pg_stat_activity for who does',
  '57014': 'it took longer than a statement may: run it again when the database is less busy',
  CALL_TIMEOUT: 'the database did not answer in time: run it again when it is less busy',
};

/** A log-in that failed has words of its own (db/log-in-fault.ts), and so have most migrations. */
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
