import { closeDatabase, createDatabase } from '../db/driver/client.ts';
import type { Database } from '../db/executor.ts';
import { LIMITS, type Limits } from '../db/limits.ts';
import { grantServerRole, isRoleName } from '../db/migrations/grant-role.ts';
import { migrateDown, migrateUp } from '../db/migrations/migrate.ts';
import { describeConflict, isCurrent, migrationStatus } from '../db/migrations/migration-status.ts';
import { MIGRATIONS_FOLDER, readMigrations } from '../db/migrations/migrations.ts';
import { countRows } from '../db/row-count.ts';
import { MINUTE } from '../kernel/duration.ts';
import { type CommandTerminal, command } from './command.ts';
import { option, optionalArgument } from './parameters.ts';
import { terminalLog } from './terminal-log.ts';

const SERVER_ROLE = option({
  placeholder: 'role',
  help: 'also grant this role the privileges that the server needs (docs/operating/database-role.sql)',
  read: (text) => (isRoleName(text) ? text : null),
  rule: 'must be the name of a role: lower-case letters, digits and underscores',
});

export const migrateUpCommand = command({
  name: 'migrate up',
  summary: 'apply the pending migrations',
  parameters: { 'server-role': SERVER_ROLE },
  async run({ 'server-role': role }, terminal) {
    const url = terminal.config().databaseUrl;
    const log = terminalLog(terminal);
    const names = await migrateUp(url, { folder: MIGRATIONS_FOLDER, log });
    if (role !== null) await grantServerRole(url, role, log);
    const applied =
      names.length === 0 ? ['The database is up to date.'] : names.map((name) => `applied ${name}`);
    return {
      rows: names.map((name) => ({ name, state: 'applied' })),
      lines: role === null ? applied : [...applied, `granted ${role} the privileges of the server`],
    };
  },
});

const COUNT = optionalArgument(
  {
    placeholder: 'n',
    help: 'how many migrations to undo; 1 by default',
    read: (text) => (/^[1-9]\d{0,3}$/.test(text) ? Number(text) : null),
    rule: 'must be the number of migrations to undo: 1 or more',
  },
  1,
);

export const migrateDownCommand = command({
  name: 'migrate down',
  summary: 'undo the newest migrations, one by default; the data that they added is lost',
  parameters: { n: COUNT },
  async loss({ n }, terminal) {
    return await withPlainDatabase(
      terminal,
      async (db) => {
        const { applied } = await migrationStatus(db, await readMigrations(MIGRATIONS_FOLDER));
        const undone = applied.toReversed().slice(0, n);
        const { rows, accounts } = await countRows(db);
        const what = `undo ${undone.join(', ') || 'nothing'} on a database of ${rows} rows, ${accounts} of them accounts`;
        return { rows, what };
      },
      PATIENT,
    );
  },
  async run({ n }, terminal) {
    const url = terminal.config().databaseUrl;
    const options = { folder: MIGRATIONS_FOLDER, log: terminalLog(terminal), count: n };
    const names = await migrateDown(url, options);
    return {
      rows: names.map((name) => ({ name, state: 'undone' })),
      lines:
        names.length === 0 ? ['There is nothing to undo.'] : names.map((name) => `undid ${name}`),
    };
  },
});

export const migrateStatusCommand = command({
  name: 'migrate status',
  summary: 'show the applied and the pending migrations',
  parameters: {},
  exitCodes: { 3: 'the database is not up to date' },
  async run(_, terminal) {
    return await withPlainDatabase(terminal, async (db) => {
      const status = await migrationStatus(db, await readMigrations(MIGRATIONS_FOLDER));
      const rows = [
        ...status.applied.map((name) => ({ name, state: 'applied' })),
        ...status.unknown.map((name) => ({
          name,
          state: status.incompatible.includes(name) ? 'unknown' : 'newer',
        })),
        ...status.pending.map((name) => ({ name, state: 'pending' })),
      ];
      const conflict = describeConflict(status);
      return {
        rows,
        lines: rows.map(({ name, state }) => `${state.padEnd(7)}  ${name}`),
        notes: conflict === null ? [] : [conflict],
        exitCode: isCurrent(status) ? 0 : 3,
      };
    });
  },
});

/** Counting reads whole tables, which takes longer than a request may. */
const PATIENT: Limits = { ...LIMITS, call: 10 * MINUTE, statement: 10 * MINUTE };

/** Connects without the rest of the server, which may not fit the schema. */
async function withPlainDatabase<Result>(
  terminal: CommandTerminal,
  work: (db: Database) => Promise<Result>,
  limits: Limits = LIMITS,
): Promise<Result> {
  const url = terminal.config().databaseUrl;
  const db = createDatabase({ url, poolSize: 1, log: terminalLog(terminal), limits });
  try {
    return await work(db);
  } finally {
    await closeDatabase(db);
  }
}
