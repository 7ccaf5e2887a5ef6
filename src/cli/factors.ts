import { onAccountOf } from '../account/by-address.ts';
import { removeFactors } from '../account/remove-factors.ts';
import { amount, countSessionsOf } from './affected.ts';
import { command, UNKNOWN } from './command.ts';
import { ACCOUNT } from './parameters.ts';
import { withDatabase } from './with-database.ts';

export const factorsRemoveCommand = command({
  name: 'factors remove',
  summary: 'recovery: remove every second factor of a person who can no longer use any of them',
  details:
    'First make sure that the request comes from that person. The backup codes are removed too, every session ends, and the person is mailed; the password stays. If the person has no second factor, the command succeeds and changes nothing.',
  parameters: { email: ACCOUNT },
  exitCodes: UNKNOWN,
  async loss({ email }, terminal) {
    const sessions = await withDatabase(terminal, (deps) => countSessionsOf(deps, email));
    const what = `remove every second factor of ${email} and end ${amount(sessions, 'session')}`;
    return { rows: sessions + 1, what };
  },
  async run({ email }, terminal) {
    const { removed, sessionsEnded } = await withDatabase(terminal, (deps) =>
      onAccountOf(deps, email, (tx, person) => removeFactors(deps, tx, person)),
    );
    return {
      rows: [{ email, removed, changed: removed.length > 0, sessionsEnded }],
      lines: [
        removed.length === 0
          ? `${email} has no second factor. Nothing was changed.`
          : `The second factors of ${email} were removed (${removed.join(', ')}); ${amount(sessionsEnded, 'session')} ended. A running server sends the person a mail.`,
      ],
    };
  },
});
