import { purgeAll } from '../housekeeping/purge.ts';
import { purgesOf } from '../purges.ts';
import { type Command, noArguments } from './command.ts';
import { withDatabase } from './with-database.ts';

/** `purge` */
export const purgeCommand: Command = {
  name: 'purge',
  summary: 'remove what is over now; as the owner of the tables, old audit events as well',
  async run(args, terminal) {
    noArguments(args);
    const pass = await withDatabase(terminal, (deps) =>
      purgeAll(deps, purgesOf(deps.config), { always: true }),
    );
    const removed = Object.entries(pass?.removed ?? {});
    for (const [table, count] of removed) terminal.out(`${table} ${count}`);
    return pass?.failed.length === 0 ? 0 : 1;
  },
};
