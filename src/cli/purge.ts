import { closeDatabase, createDatabase } from '../db/client.ts';
import { createDatabaseClock } from '../db/clock.ts';
import { purgeAll } from '../housekeeping/purge.ts';
import { purgesOf } from '../purges.ts';
import { type Command, noArguments } from './command.ts';
import { terminalLog } from './terminal-log.ts';

/** `purge` */
export const purgeCommand: Command = {
  name: 'purge',
  summary: 'remove what is over now; as the owner of the tables, old audit events as well',
  async run(args, terminal) {
    noArguments(args);
    const config = terminal.config();
    const log = terminalLog(terminal);
    const db = createDatabase({ url: config.databaseUrl, poolSize: 1, log });
    try {
      const clock = await createDatabaseClock(db, { log });
      try {
        const pass = await purgeAll({ db, clock, log }, purgesOf(config), { always: true });
        const removed = Object.entries(pass?.removed ?? {});
        for (const [table, count] of removed) terminal.out(`${table} ${count}`);
        return pass?.failed.length === 0 ? 0 : 1;
      } finally {
        clock.stop();
      }
    } finally {
      await closeDatabase(db);
    }
  },
};
