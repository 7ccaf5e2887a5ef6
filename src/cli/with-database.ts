import { createDatabaseClock } from '../db/clock.ts';
import { closeDatabase, createDatabase } from '../db/driver/client.ts';
import type { Deps } from '../deps.ts';
import type { Act } from '../kernel/act.ts';
import { createKeyring } from '../kernel/keyring.ts';
import { createRandom } from '../kernel/random.ts';
import type { CommandTerminal } from './command.ts';
import { operatorOf } from './operator.ts';
import { terminalLog } from './terminal-log.ts';

/** The parts of the server that a command needs. */
export type CommandDeps = Pick<Deps, 'config' | 'db' | 'clock' | 'random' | 'keyring' | 'log'> & {
  readonly act: Act;
};

/** Opens the database for the duration of the work. */
export async function withDatabase<Result>(
  terminal: CommandTerminal,
  work: (deps: CommandDeps) => Promise<Result>,
): Promise<Result> {
  const config = terminal.config();
  const log = terminalLog(terminal);
  const random = createRandom();
  const act: Act = { actor: { kind: 'operator', name: operatorOf(terminal) }, client: null };
  const keyring = createKeyring(config.secretKeys, random);
  const db = createDatabase({ url: config.databaseUrl, poolSize: 1, log });
  try {
    const clock = await createDatabaseClock(db, { log });
    try {
      return await work({ config, db, clock, random, keyring, log, act });
    } finally {
      clock.stop();
    }
  } finally {
    await closeDatabase(db);
  }
}
