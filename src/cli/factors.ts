import { removeFactors } from '../journeys/two-factor/remove-factors.ts';
import { countSessionsOf } from './affected.ts';
import { type Command, oneAddress } from './command.ts';
import { destructive } from './destructive.ts';
import { withDatabase } from './with-database.ts';

/** `factors remove <email>` */
export const factorsRemoveCommand: Command = destructive({
  name: 'factors remove',
  usage: '<email>',
  summary: 'recovery: take away every second factor of a person who can use none any more',
  async loss(args, terminal) {
    const email = oneAddress(args);
    const sessions = await withDatabase(terminal, (deps) => countSessionsOf(deps, email));
    const what = `take every second factor from ${email} and end ${sessions} sessions`;
    return { rows: sessions + 1, what };
  },
  async run(args, terminal) {
    const email = oneAddress(args);
    const ended = await withDatabase(terminal, (deps) => removeFactors(deps, email));
    terminal.out(`removed; ${ended} sessions ended. The person is mailed by the next server pass.`);
    return 0;
  },
});
