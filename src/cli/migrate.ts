import { closeDatabase, createDatabase } from '../db/client.ts';
import { MIGRATIONS_FOLDER } from '../db/folder.ts';
import { migrateDown, migrateUp } from '../db/migrate.ts';
import { describeConflict, isCurrent, migrationStatus } from '../db/migration-status.ts';
import { readMigrations } from '../db/migrations.ts';
import { type Command, noArguments, UsageError } from './command.ts';
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
export const migrateDownCommand: Command = {
  name: 'migrate down',
  usage: '[n]',
  summary: 'undo the newest n migrations (1); data they added is lost',
  async run(args, terminal) {
    const [text = '1', ...rest] = args;
    if (!/^[1-9]\d{0,3}$/.test(text) || rest.length > 0) {
      throw new UsageError('n is how many migrations to undo: 1 or more.');
    }
    const url = terminal.config().databaseUrl;
    const options = { folder: MIGRATIONS_FOLDER, log: terminalLog(terminal), count: Number(text) };
    const names = await migrateDown(url, options);
    if (names.length === 0) terminal.out('There is nothing to undo.');
    for (const name of names) terminal.out(`undid ${name}`);
    return 0;
  },
};

/** `migrate status` */
export const migrateStatusCommand: Command = {
  name: 'migrate status',
  summary: 'show what is applied and pending; exit code 3 unless up to date',
  async run(args, terminal) {
    noArguments(args);
    const url = terminal.config().databaseUrl;
    const db = createDatabase({ url, poolSize: 1, log: terminalLog(terminal) });
    try {
      const status = await migrationStatus(db, await readMigrations(MIGRATIONS_FOLDER));
      for (const name of status.applied) terminal.out(`applied  ${name}`);
      for (const name of status.unknown) {
        terminal.out(`${status.incompatible.includes(name) ? 'unknown ' : 'newer   '} ${name}`);
      }
      for (const name of status.pending) terminal.out(`pending  ${name}`);
      const conflict = describeConflict(status);
      if (conflict) terminal.err(conflict);
      return isCurrent(status) ? 0 : 3;
    } finally {
      await closeDatabase(db);
    }
  },
};
