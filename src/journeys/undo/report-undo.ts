import type { SecurityChange } from '../../access-ledger/security-change.ts';
import { openChangesOf, renewUndoLinks } from '../../access-ledger/undo-link.ts';
import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import type { OneTimeToken } from '../../db/tables/one-time-token.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import type { Client } from '../../kernel/ports.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import type { UndoPlan } from './plan.ts';

/** The result of an undo, common to both kinds. */
export type Undone = {
  readonly at: Date;
  readonly email: string;
  readonly undone: readonly SecurityChange[];
  readonly restored: readonly SecurityChange[];
  readonly stays: readonly SecurityChange[];
  readonly sessionsRevoked: number;
};

type ReportDeps = Pick<Deps, 'clock' | 'random' | 'keyring' | 'config'>;

/** Mails what an undo did, to the mailbox whose link was used and, if it is another one, to the account's. */
export async function reportUndo(
  deps: ReportDeps,
  tx: Executor,
  about: {
    readonly user: User;
    readonly link: OneTimeToken;
    readonly plan: UndoPlan;
    readonly outcome: Undone;
    readonly client: Client;
  },
): Promise<void> {
  const { user, link, plan, outcome, client } = about;
  const { at, undone, restored, stays } = outcome;
  const entries = plan.ledger;
  const open = await renewUndoLinks(deps, tx, {
    userId: user.id,
    email: link.email,
    entries,
  });
  const news = { at, from: client, email: plan.movesTo ?? user.email };
  const lists = { undone: [...undone], restored: [...restored], stays: [...stays] };
  await run(
    tx,
    enqueueMail(deps, {
      to: link.email,
      message: {
        template: 'security-change-undone',
        ...news,
        ...lists,
        openChanges: openChangesOf(open),
      },
    }),
  );
  if (user.email === link.email) return;
  // The mail to the other address contains no link: its reader may be the person who was removed.
  await run(
    tx,
    enqueueMail(deps, {
      to: user.email,
      message: plan.movesTo
        ? { template: 'email-change-undone', ...news }
        : { template: 'security-change-undone', ...news, ...lists, openChanges: [] },
    }),
  );
}
