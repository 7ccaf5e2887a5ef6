import { recordAudit } from '../audit/record.ts';
import { run } from '../db/executor.ts';
import { oauthFlows } from '../db/tables/identity.ts';
import { mfaChallenges } from '../db/tables/second-factor.ts';
import { sessions } from '../db/tables/session.ts';
import { transaction } from '../db/transaction.ts';
import { requireTruncate, truncate } from '../db/truncate.ts';
import type { Deps } from '../deps.ts';
import { type CountedSessions, countAllSessions } from './store.ts';

/** Sessions, and the sign-ins that wait for a second step. */
const TABLES = [sessions, mfaChallenges, oauthFlows];

/** How many sessions {@link endAllSessions} would end. @throws NotOwnerOfTablesError */
export async function countEndable(deps: Pick<Deps, 'db' | 'clock'>): Promise<CountedSessions> {
  await requireTruncate(deps.db, TABLES);
  return await run(deps.db, countAllSessions(deps.clock.now()));
}

/**
 * Ends every session of every account, for an operator whose database is older than its clients. After
 * a restore, or after a failover that lost commits, sessions that had ended are live again. Sign-ins that
 * wait for a second step end as well. Nobody is mailed: a token without a session is refused like a token
 * of a session that has ended. Links in mails stay valid, because most of them undo something.
 *
 * The tables are truncated rather than updated, which takes as long for millions of rows as for one.
 *
 * @throws NotOwnerOfTablesError
 */
export async function endAllSessions(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'act'>,
): Promise<CountedSessions> {
  const counted = await countEndable(deps);
  await transaction(deps.db, async (tx) => {
    await truncate(tx, TABLES);
    await run(
      tx,
      recordAudit(deps, {
        type: 'ALL_SESSIONS_ENDED',
        userId: null,
        client: null,
        detail: { sessions: counted.sessions },
      }),
    );
  });
  return counted;
}
