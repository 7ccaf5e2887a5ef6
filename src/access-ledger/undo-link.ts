import type { Executor } from '../db/executor.ts';
import { run } from '../db/executor.ts';
import type { LedgerRow } from '../db/tables/access-ledger.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import { newId } from '../kernel/id.ts';
import type { Client } from '../kernel/ports.ts';
import { issueOneTimeToken } from '../proofs/one-time-token/issue.ts';
import { TAKE_BACK, type TakeBack } from '../proofs/one-time-token/purpose.ts';
import { listLiveLinks } from '../proofs/one-time-token/store.ts';
import { type Act, recordAdded } from './record.ts';
import { changeOf } from './security-change.ts';
import { isKnown } from './walk.ts';

/** A link that undoes a change, as a mail contains it. */
export type UndoLink = { readonly url: string; readonly expiresAt: Date };

/** The fields of a mail that may contain such a link. */
export function linkOf(undo: UndoLink | null) {
  return { url: undo?.url ?? null, expiresAt: undo?.expiresAt ?? null };
}

type LinkDeps = Pick<Deps, 'clock' | 'random' | 'keyring' | 'config'>;

/**
 * Records that an account has a new credential, and creates the link with which the account's address can
 * remove it again (PR-12, rule 1). The link is bound to no credential, because someone who took over the
 * account would void it by setting a new password.
 *
 * @param about.user the person before the change: the mail goes to that address
 * @returns null for an address that was never verified. It may belong to anybody, and the link would give
 *   them the account.
 */
export async function recordNewAccess(
  deps: LinkDeps,
  tx: Executor,
  about: {
    readonly user: Pick<User, 'id' | 'email' | 'emailVerifiedAt'>;
    readonly act: Omit<Act, 'userId'>;
    readonly purpose?: TakeBack;
    readonly client: Client | null;
  },
): Promise<UndoLink | null> {
  const { user, act, purpose = 'undo-security-change', client } = about;
  const change = await run(tx, recordAdded(deps, { ...act, userId: user.id }));
  if (!user.emailVerifiedAt) return null;
  return await issueLink(deps, tx, { purpose, email: user.email, change, from: client });
}

async function issueLink(
  deps: LinkDeps,
  tx: Executor,
  about: {
    readonly purpose: TakeBack;
    readonly email: string;
    readonly change: Pick<LedgerRow, 'id' | 'userId'>;
    readonly from: Pick<Client, 'ipAddress' | 'userAgent'> | null;
    readonly expiresAt?: Date;
  },
): Promise<UndoLink> {
  const { purpose, email, change, from, expiresAt } = about;
  const proof = await issueOneTimeToken(deps, tx, {
    purpose,
    email,
    userId: change.userId,
    changeId: change.id,
    // Each link has a subject of its own, so that links that were mailed before keep working.
    subject: newId(deps),
    from,
    ...(expiresAt && { expiresAt }),
  });
  return { url: undoUrl(deps.config, purpose, proof.token), expiresAt: proof.expiresAt };
}

function undoUrl({ appUrl }: Deps['config'], purpose: TakeBack, token: string): string {
  const page = purpose === 'undo-security-change' ? 'undo-security-change' : 'undo-email-change';
  return `${appUrl}/${page}?token=${token}`;
}

/** A change whose link still works, with another link for it. */
export type OpenChange = UndoLink & { readonly change: LedgerRow };

/** A mail about several changes names at most this many, each with a link of its own. */
const MOST_LINKS = 20;

/**
 * Creates another link for every change that was mailed to an address and can still be undone from it (PR-12,
 * rule 8). The new link has the expiry of the first link and shows the device that made the change, because the
 * mail may be requested by somebody else. Earlier links keep working.
 *
 * If there are more changes than a mail can name, the newest of each session come first, because a link also
 * undoes what its session did. Without the bound, someone who makes thousands of changes could stop the reset
 * mail that lists them (RL-3).
 *
 * @param about.entries the account's ledger
 */
export async function renewUndoLinks(
  deps: LinkDeps,
  tx: Executor,
  about: {
    readonly userId: string;
    readonly email: string;
    readonly entries: readonly LedgerRow[];
  },
): Promise<OpenChange[]> {
  const { userId, email, entries } = about;
  const live = await run(
    tx,
    listLiveLinks({
      userId,
      email,
      purposes: TAKE_BACK,
      now: deps.clock.now(),
    }),
  );
  const links = new Map(live.map((link) => [link.changeId, link]));
  const renewed: OpenChange[] = [];
  for (const change of toBeNamed(entries.filter(({ id }) => links.has(id)))) {
    const link = links.get(change.id);
    const purpose = TAKE_BACK.find((one) => one === link?.purpose);
    if (!link || !purpose) continue;
    const { expiresAt } = link;
    const issued = await issueLink(deps, tx, { purpose, email, change, from: link, expiresAt });
    renewed.push({ ...issued, change });
  }
  return renewed;
}

/** @returns oldest first */
function toBeNamed(changes: readonly LedgerRow[]): LedgerRow[] {
  const newestFirst = changes.toSorted((a, b) => b.position - a.position);
  const sessions = new Set<string | null>();
  const [first, others]: [LedgerRow[], LedgerRow[]] = [[], []];
  for (const change of newestFirst) {
    (sessions.has(change.sessionId) ? others : first).push(change);
    sessions.add(change.sessionId);
  }
  return [...first, ...others].slice(0, MOST_LINKS).sort((a, b) => a.position - b.position);
}

/** The form in which a mail lists the changes. */
export function openChangesOf(open: readonly OpenChange[]) {
  return open.flatMap(({ change, url, expiresAt }) =>
    isKnown(change) ? [{ ...changeOf(change), url, expiresAt }] : [],
  );
}
