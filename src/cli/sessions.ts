import { countEndable, endAllSessions } from '../session/end-all.ts';
import type { CountedSessions } from '../session/store.ts';
import { command } from './command.ts';
import { withDatabase } from './with-database.ts';

export const sessionsEndAllCommand = command({
  name: 'sessions end-all',
  summary: 'end every session of every account, as after a restore',
  details:
    'Ends sign-ins that wait for their second step or for a provider, too. Everybody signs in again once, and nobody is mailed. Needs the owner of the tables, since it empties them: it takes as long for millions of sessions as for one. Services that check access tokens by themselves take one for up to ACCESS_TOKEN_TTL more.',
  parameters: {},
  async loss(_, terminal) {
    const counted = await withDatabase(terminal, countEndable);
    return { rows: counted.sessions, what: `end ${told(counted)}` };
  },
  async run(_, terminal) {
    const counted = await withDatabase(terminal, endAllSessions);
    return {
      rows: [{ sessionsEnded: counted.sessions, isComplete: counted.isComplete }],
      lines: [`Ended ${told(counted)}.`],
    };
  },
});

function told({ sessions, isComplete }: CountedSessions): string {
  return `${isComplete ? '' : 'more than '}${sessions} sessions`;
}
