import { removeFactors } from '../journeys/two-factor/remove-factors.ts';
import { countSessionsOf } from './affected.ts';
import { command } from './command.ts';
import { ACCOUNT } from './parameters.ts';
import { withDatabase } from './with-database.ts';

export const factorsRemoveCommand = command({
  name: 'factors remove',
  summary: 'recovery: take every second factor from a person who can use none of them any more',
  details:
    'Make sure first who asks. The backup codes go as well, every session ends, and the person is mailed; the password stays. A person without a second factor is left as they are, which is a success.',
  parameters: { email: ACCOUNT },
  async loss({ email }, terminal) {
    const sessions = await withDatabase(terminal, (deps) => countSessionsOf(deps, email));
    const what = `take every second factor from ${email} and end ${sessions} sessions`;
    return { rows: sessions + 1, what };
  },
  async run({ email }, terminal) {
    const { removed, sessionsEnded } = await withDatabase(terminal, (deps) =>
      removeFactors(deps, email),
    );
    return {
      rows: [{ email, removed, changed: removed.length > 0, sessionsEnded }],
      lines: [
        removed.length === 0
          ? `${email} has no second factor. Nothing was changed.`
          : `The second factors of ${email} are removed (${removed.join(', ')}); ${sessionsEnded} sessions ended. A running server mails the person.`,
      ],
    };
  },
});
