import { closeDatabase, createDatabase, type Database } from '../db/client.ts';
import { MIGRATIONS_FOLDER } from '../db/folder.ts';
import { migrateDown, migrateUp } from '../db/migrate.ts';
import { describeConflict, isCurrent, migrationStatus } from '../db/migration-status.ts';
import { readMigrations } from '../db/migrations.ts';
import { countRows } from '../db/row-count.ts';
import { type Command, noArguments, type Terminal, UsageError } from './command.ts';
import { destructive } from './destructive.ts';
import { terminalLog } from './terminal-log.ts';

/** `migrate up` */
export const migrateUpCommand: Command = {
  name: 'migrate up',
  summary: 'apply the pending migrations',
  async run(args, terminal) {
    noArguments(args);
    const url = terminal.config().databaseUrl;
    const names = await migrateUp(url, { folder: MIGRATIONS_FOLDER, log: terminalLog(terminal) });
    if (names.length === 0) terminal.out('The database is up to date.');
    for (const name of names) terminal.out(`applied ${name}`);
    return 0;
  },
};

/** `migrate down [n]` */
export const migrateDownCommand: Command = destructive({
  name: 'migrate down',
  usage: '[n]',
  summary: 'undo the newest n migrations (1); data they added is lost',
  async loss(args, terminal) {
    const count = countOf(args);
    return await withPlainDatabase(terminal, async (db) => {
      const { applied } = await migrationStatus(db, await readMigrations(MIGRATIONS_FOLDER));
      const undone = applied.toReversed().slice(0, count);
      const { rows, accounts } = await countRows(db);
      const what = `undo ${undone.join(', ') || 'nothing'} on a database of ${rows} rows, ${accounts} of them accounts`;
      return { rows, what };
    });
  },
  async run(args, terminal) {
    const count = countOf(args);
    const url = terminal.config().databaseUrl;
    const options = { folder: MIGRATIONS_FOLDER, log: terminalLog(terminal), count };
    const names = await migrateDown(url, options);
    if (names.length === 0) terminal.out('There is nothing to undo.');
    for (const name of names) terminal.out(`undid ${name}`);
    return 0;
  },
});

function countOf(args: readonly string[]): number {
  const [text = '1', ...rest] = args;
  if (!/^[1-9]\d{0,3}$/.test(text) || rest.length > 0) {
    throw new UsageError('n is how many migrations to undo: 1 or more.');
  }
  return Number(text);
}

/** `migrate status` */
export const migrateStatusCommand: Command = {
  name: 'migrate status',
  summary: 'show what is applied and pending; exit code 3 unless up to date',
  async run(args, terminal) {
    noArguments(args);
    return await withPlainDatabase(terminal, async (db) => {
      const status = await migrationStatus(db, await readMigrations(MIGRATIONS_FOLDER));
      for (const name of status.applied) terminal.out(`applied  ${name}`);
      for (const name of status.unknown) {
        terminal.out(`${status.incompatible.includes(name) ? 'unknown ' : 'newer   '} ${name}`);
      }
      for (const name of status.pending) terminal.out(`pending  ${name}`);
      const conflict = describeConflict(status);
      if (conflict) terminal.err(conflict);
      return isCurrent(status) ? 0 : 3;
    });
  },
};

/** A connection without the rest of the server, which may not fit the schema. */
async function withPlainDatabase<Result>(
  terminal: Terminal,
  work: (db: Database) => Promise<Result>,
): Promise<Result> {
  const url = terminal.config().databaseUrl;
  const db = createDatabase({ url, poolSize: 1, log: terminalLog(terminal) });
  try {
    return await work(db);
  } finally {
    await closeDatabase(db);
  }
}
