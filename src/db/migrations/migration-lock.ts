import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { type DatabaseTarget, parseDatabaseUrl } from '../../kernel/database-url.ts';
import { SECOND } from '../../kernel/duration.ts';
import type { Log } from '../../kernel/ports.ts';
import { openConnection } from '../driver/connection.ts';
import { beginWith, logInSettings, MARK, SettingsRefused } from '../driver/session-settings.ts';
import { databaseFault } from '../errors.ts';
import type { Executor } from '../executor.ts';
import { runTransaction } from '../transaction.ts';
import { MigrationError } from './migrations.ts';

/** 'migr': the advisory lock of every process that migrates this database. */
const LOCK = 0x6d696772;

/**
 * The wait for the migration lock may be long. The wait for the lock of a table must be short: every query of
 * that table queues behind the waiting statement, and no query may wait 200 ms (F-16), even if a migration
 * waits for two tables. Once the lock is granted, the migration has no time limit.
 */
const BEGIN = 'begin; set local statement_timeout = 0; set local lock_timeout = 120000';
const AFTER_MIGRATION_LOCK = 'set local lock_timeout = 75';

const CONNECT_TIMEOUT = 10 * SECOND;
const LOCK_NOT_AVAILABLE = '55P03';
const INSUFFICIENT_PRIVILEGE = '42501';
const AS_THE_OWNER =
  'run `latchkey migrate up` as the owner of the tables, who may also create in their schema, and start the server with MIGRATE_ON_START=false';

/** About four minutes of attempts: longer than any call of the server, shorter than a release. */
const ATTEMPTS = 60;
const FIRST_PAUSE = SECOND / 4;
const LONGEST_PAUSE = 5 * SECOND;

/**
 * Runs work in one transaction while holding the migration lock, which only one process has at a time. The
 * lock belongs to the transaction and not to the session, so it also works behind a pooler and ends with the
 * process.
 *
 * If a table stays locked for too long, the work is rolled back and run again.
 */
export async function withMigrationLock<T>(
  url: string,
  log: Log,
  work: (runner: Executor) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runLocked(url, work);
    } catch (error) {
      const isLocked = error instanceof MigrationError && error.code === LOCK_NOT_AVAILABLE;
      if (!isLocked || attempt === ATTEMPTS) throw error;
      log.warn({ attempt }, 'migration waiting for table lock');
      // Queries that waited behind the migration run first.
      await sleep(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1)));
    }
  }
}

async function runLocked<T>(url: string, work: (runner: Executor) => Promise<T>): Promise<T> {
  const target = parseDatabaseUrl(url);
  const settings = logInSettings(target, {});
  try {
    if (!target.isPooled) return await runLockedOn(target, { settings, begin: BEGIN }, work);
  } catch (error) {
    if (!(error instanceof SettingsRefused)) throw error;
  }
  // Behind a pooler, settings last only for a transaction.
  const { [MARK]: _mark, search_path: _path, ...local } = settings;
  const begin = `${beginWith(local)}; ${BEGIN.replace(/^begin; /, '')}`;
  return await runLockedOn(target, { settings: {}, begin }, work);
}

type Opening = {
  readonly settings: Readonly<Record<string, string | number>>;
  readonly begin: string;
};

async function runLockedOn<T>(
  target: DatabaseTarget,
  { settings, begin }: Opening,
  work: (runner: Executor) => Promise<T>,
): Promise<T> {
  const connection = openConnection({
    target,
    settings,
    connectTimeout: CONNECT_TIMEOUT,
    // Each statement runs once.
    prepare: false,
    explain,
  });
  try {
    await connection.ready();
    return await runTransaction({ ...connection, begin }, async (runner) => {
      await runner.run({ text: `select pg_advisory_xact_lock(${LOCK})` });
      await runner.run({ text: AFTER_MIGRATION_LOCK });
      return work(runner);
    });
  } finally {
    await connection.close();
  }
}

/**
 * Keeps the message of Postgres, which the operator who migrates needs. Migrations have no parameters that it
 * could reveal, and DETAIL is left out.
 */
function explain(error: unknown, statement: string): Error {
  if (!(error instanceof postgres.PostgresError)) return databaseFault(error, statement);
  const advice = error.code === INSUFFICIENT_PRIVILEGE ? `: ${AS_THE_OWNER}` : '';
  return new MigrationError(`${error.message} (${error.code})${advice}`, error.code);
}
