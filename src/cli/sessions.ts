import { countEndable, endAllSessions } from '../session/end-all.ts';
import type { CountedSessions } from '../session/store.ts';
import { amount } from './affected.ts';
import { command } from './command.ts';
import { withDatabase } from './with-database.ts';

export const sessionsEndAllCommand = command({
  name: 'sessions end-all',
  summary: 'end every session of every account, for example after a restore',
  details:
    'It also ends sign-ins that wait for a second factor or for a provider. Everyone must sign in again, and nobody gets a mail. Run it as the owner of the tables: it empties them, which takes as long for millions of sessions as for one. Services that verify access tokens themselves accept existing ones for up to ACCESS_TOKEN_TTL.',
  parameters: {},
  async loss(_, terminal) {
    const counted = await withDatabase(terminal, countEndable);
    return { rows: counted.sessions, what: `end ${describe(counted)}` };
  },
  async run(_, terminal) {
    const counted = await withDatabase(terminal, endAllSessions);
    return {
      rows: [{ sessionsEnded: counted.sessions, isComplete: counted.isComplete }],
      lines: [`Ended ${describe(counted)}.`],
    };
  },
});

function describe({ sessions, isComplete }: CountedSessions): string {
  return `${isComplete ? '' : 'more than '}${amount(sessions, 'session')}`;
}
