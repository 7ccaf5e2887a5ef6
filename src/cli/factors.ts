import { removeFactors } from '../journeys/two-factor/remove-factors.ts';
import { type Command, oneAddress } from './command.ts';
import { withDatabase } from './with-database.ts';

/** `factors remove <email>` */
export const factorsRemoveCommand: Command = {
  name: 'factors remove',
  usage: '<email>',
  summary: 'recovery: take away every second factor of a person who can use none any more',
  async run(args, terminal) {
    const email = oneAddress(args);
    const ended = await withDatabase(terminal, (deps) => removeFactors(deps, email));
    terminal.out(`removed; ${ended} sessions ended. The person is mailed by the next server pass.`);
    return 0;
  },
};
