import { countPurgeable, purgeAll } from '../housekeeping/purge.ts';
import { purgesOf } from '../purges.ts';
import { type Command, noArguments } from './command.ts';
import { destructive } from './destructive.ts';
import { withDatabase } from './with-database.ts';

/** `purge` */
export const purgeCommand: Command = destructive({
  name: 'purge',
  summary: 'remove what is over now; as the owner of the tables, old audit events as well',
  async loss(args, terminal) {
    noArguments(args);
    const found = await withDatabase(terminal, (deps) =>
      countPurgeable(deps, purgesOf(deps.config)),
    );
    const rows = Object.values(found).reduce((sum, n) => sum + n, 0);
    const tables = Object.entries(found).map(([table, n]) => `${table} ${n}`);
    return { rows, what: `remove ${rows} rows (${tables.join(', ')})` };
  },
  async run(args, terminal) {
    noArguments(args);
    const pass = await withDatabase(terminal, (deps) =>
      purgeAll(deps, purgesOf(deps.config), { always: true }),
    );
    const removed = Object.entries(pass?.removed ?? {});
    for (const [table, count] of removed) terminal.out(`${table} ${count}`);
    return pass?.failed.length === 0 ? 0 : 1;
  },
});
