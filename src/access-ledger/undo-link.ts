import type { Executor } from '../db/driver/client.ts';
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

/** A link that undoes a change, as a mail carries it. */
export type UndoLink = { readonly url: string; readonly expiresAt: Date };

/** The fields of a mail that may carry one. */
export function linkOf(undo: UndoLink | null) {
  return { url: undo?.url ?? null, expiresAt: undo?.expiresAt ?? null };
}

type LinkDeps = Pick<Deps, 'clock' | 'random' | 'keyring' | 'config'>;

/**
 * Writes down that an account has a new way in, and makes the link with which the address of before
 * can take it away again (PR-12, rule 1). The link is bound to no credential: whoever took the account
 * over would void it with a new password.
 *
 * @param about.user as the person was before the change: the mail goes to that address
 * @returns null for an address that never proved itself: it may be anybody's, and the link would hand
 *   them the account
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
  const change = await recordAdded(deps, tx, { ...act, userId: user.id });
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
    // A subject of its own: a link that was mailed before goes on working.
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

/** So many changes a mail about several of them names, each with a link of its own. */
const MOST_LINKS = 20;

/**
 * Makes one more link for the changes that were mailed to an address and can still be undone from it,
 * with the end of the first link and the device that made the change (PR-12, rule 8): whoever asks for
 * the mail is somebody else. The links from before go on working.
 *
 * Of more changes than a mail can name, the newest of each session come first, since a link takes what
 * its session did with it. Without a bound, whoever makes thousands of changes would stop the reset
 * that tells of them (RL-3).
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
  const live = await listLiveLinks(tx, {
    userId,
    email,
    purposes: TAKE_BACK,
    now: deps.clock.now(),
  });
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

/** How a mail tells of them. */
export function openChangesOf(open: readonly OpenChange[]) {
  return open.flatMap(({ change, url, expiresAt }) =>
    isKnown(change) ? [{ ...changeOf(change), url, expiresAt }] : [],
  );
}
