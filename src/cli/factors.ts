import { removeFactors } from '../journeys/two-factor/remove-factors.ts';
import { canonicalEmail } from '../kernel/email.ts';
import { type Command, UsageError } from './command.ts';
import { withDatabase } from './with-database.ts';

/** `factors remove <email>` */
export const factorsRemoveCommand: Command = {
  name: 'factors remove',
  usage: '<email>',
  summary: 'recovery: take away every second factor of a person who can use none any more',
  async run(args, terminal) {
    const [text, ...rest] = args;
    const email = text === undefined || rest.length > 0 ? null : canonicalEmail(text);
    if (email === null) throw new UsageError('Name one account: its address.');
    const ended = await withDatabase(terminal, (deps) => removeFactors(deps, email));
    terminal.out(`removed; ${ended} sessions ended. The person is mailed by the next server pass.`);
    return 0;
  },
};
