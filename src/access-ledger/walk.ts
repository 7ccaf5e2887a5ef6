import { type AccessKind, isAccessKind, kindOf } from './kinds.ts';

/** The columns of the access ledger that the walk reads. */
export type Entry = {
  readonly id: string;
  readonly position: number;
  readonly sessionId: string | null;
  readonly act: 'added' | 'removed' | 'used';
  readonly kind: string;
  readonly thing: string | null;
  readonly label: string | null;
  readonly at: Date;
};

/** An entry of a kind that this release knows. */
export type KnownEntry = Entry & { readonly kind: AccessKind };

/** A credential that a session on the walk used and that was not added on the walk itself. */
type OlderThing = { readonly kind: AccessKind; readonly thing: string | null };

/** Everything that is connected with one change. */
export type Walk = {
  readonly sessions: ReadonlySet<string>;
  /** The credentials that were added on the walk, oldest first. */
  readonly added: readonly KnownEntry[];
  /**
   * The credentials that sessions on the walk removed and that were not added on the walk, oldest first. A
   * linked account is excluded if it is so recent that its own mail can still undo it. The same thief may
   * have linked it in a session that is not on the walk, and restoring it would let the thief in again. A
   * second factor needs no such exception: nobody removes one without having used it, so both sessions are on
   * the walk.
   */
  readonly removed: readonly KnownEntry[];
  /** The older credentials that sessions on the walk signed in or stepped up with. They stay. */
  readonly older: readonly OlderThing[];
  /** The position of the first act on the walk. */
  readonly beganAt: number;
};

/** How far back a walk reaches. */
export type Bounds = {
  /** Nothing older than this is on the walk. */
  readonly since: Date;
  /** A credential that was added after this time can still be undone by its own mail. */
  readonly undoableSince: Date;
  /** The account now has another address than the one whose link was opened. */
  readonly isElsewhere: boolean;
};

/**
 * Finds everything that is connected with a change (PR-12, rule 2): what its session added, what was added by
 * sessions that signed in or stepped up with one of those credentials, and so on.
 *
 * If the account was moved away from the mailbox of the link, every session that did anything since then is on
 * the walk: the mails about those acts went to the other mailbox. The person who reads the link resets the
 * password and signs in again without anything that a session added.
 *
 * The walk also goes from a session to a credential it used, but only if the credential's own undo link could
 * be used now. So a thief who links an identity, signs in with it and enrolls an app loses both with either
 * mail, and a mail never undoes something that its reader could not undo anyway.
 *
 * The result depends on which acts there were, not on their order.
 *
 * @param starts the change that the mail reported; for a change of address, the later ones as well
 * @param ledger every entry of the account, in any order
 */
export function walkFrom(starts: readonly Entry[], ledger: readonly Entry[], bounds: Bounds): Walk {
  const entries = inOrder(ledger);
  const originOf = originsOf(entries);
  const isRecent = (entry: Entry) => entry.at >= bounds.since;
  const uses = entries
    .filter((entry) => entry.act === 'used')
    .map((use) => ({ use, of: originOf.get(use) }));
  const recentUses = uses.filter(({ use }) => isRecent(use));
  const additions = entries.filter((entry) => entry.act === 'added' && isRecent(entry));
  const addedBy = groupBy(additions, (entry) => entry.sessionId);
  const usesBySession = groupBy(uses, ({ use }) => use.sessionId);
  const usesByThing = groupBy(recentUses, ({ of }) => of?.id ?? null);

  const sessions = new Set<string>();
  const added = new Map<string, KnownEntry>();
  const waiting: KnownEntry[] = starts.filter(isKnown);
  let movedAt = Number.POSITIVE_INFINITY;

  const reachSession = (sessionId: string | null) => {
    // A credential that no session added is not connected: an operator or a provider added it (rule 2).
    if (sessionId === null || sessions.has(sessionId)) return;
    sessions.add(sessionId);
    waiting.push(...(addedBy.get(sessionId) ?? []));
    for (const { of } of usesBySession.get(sessionId) ?? []) {
      if (isStillUndoable(of, bounds)) waiting.push(of);
    }
  };

  for (let entry = waiting.pop(); entry; entry = waiting.pop()) {
    if (added.has(entry.id)) continue;
    added.set(entry.id, entry);
    reachSession(entry.sessionId);
    for (const { use } of usesByThing.get(entry.id) ?? []) reachSession(use.sessionId);
    if (entry.kind === 'address' && bounds.isElsewhere) {
      const isSince = ({ position }: Entry) => position > entry.position && position < movedAt;
      for (const later of entries.filter(isSince)) reachSession(later.sessionId);
      movedAt = Math.min(movedAt, entry.position);
    }
  }

  const removed = entries.filter(
    (entry) =>
      entry.act === 'removed' &&
      isRecent(entry) &&
      entry.sessionId !== null &&
      sessions.has(entry.sessionId) &&
      !isOnWalk(originOf.get(entry), added) &&
      (kindOf(entry.kind).isSecondFactor || !isStillUndoable(originOf.get(entry), bounds)),
  );
  const older = uses.flatMap(({ use, of }) => {
    const isOlder = use.sessionId !== null && sessions.has(use.sessionId) && !isOnWalk(of, added);
    return isOlder ? [{ kind: use.kind, thing: use.thing }] : [];
  });
  const onWalk = [...added.values()].sort((a, b) => a.position - b.position);
  return {
    sessions,
    added: onWalk,
    removed,
    older: unique(older),
    beganAt: Math.min(...[...onWalk, ...removed].map(({ position }) => position)),
  };
}

/** The entries of known kinds, oldest first. */
export function inOrder(ledger: readonly Entry[]): KnownEntry[] {
  return ledger.filter(isKnown).sort((a, b) => a.position - b.position);
}

/**
 * The entry that added the credential that another entry used or removed. For a kind that an account has at
 * most once, it is the newest earlier entry.
 *
 * @param entries oldest first
 */
export function originsOf(entries: readonly KnownEntry[]): ReadonlyMap<KnownEntry, KnownEntry> {
  const newest = new Map<string, KnownEntry>();
  const origins = new Map<KnownEntry, KnownEntry>();
  for (const entry of entries) {
    const key = kindOf(entry.kind).isSingle ? entry.kind : `${entry.kind} ${entry.thing}`;
    const origin = newest.get(key);
    if (entry.act === 'added') newest.set(key, entry);
    else if (origin) origins.set(entry, origin);
  }
  return origins;
}

/** True for an entry of a kind that this release knows. */
export function isKnown(entry: Entry): entry is KnownEntry {
  return isAccessKind(entry.kind);
}

function isStillUndoable(
  entry: KnownEntry | undefined,
  { undoableSince }: Bounds,
): entry is KnownEntry {
  if (!entry || entry.sessionId === null) return false;
  return entry.at > undoableSince && kindOf(entry.kind).isUndoable;
}

function isOnWalk(entry: Entry | undefined, added: ReadonlyMap<string, Entry>): boolean {
  return entry !== undefined && added.has(entry.id);
}

function groupBy<T>(
  items: readonly T[],
  keyOf: (item: T) => string | null,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === null) continue;
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

function unique(things: readonly OlderThing[]): OlderThing[] {
  return [...new Map(things.map((one) => [`${one.kind} ${one.thing}`, one])).values()];
}
