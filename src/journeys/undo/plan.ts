import { type AccessKind, kindOf } from '../../access-ledger/kinds.ts';
import { type Content, openContent } from '../../access-ledger/sealed-content.ts';
import {
  changeOf,
  detailOf,
  eventOf,
  type SecurityChange,
} from '../../access-ledger/security-change.ts';
import { listEntries, listRemoved, UNDO_REACH } from '../../access-ledger/store.ts';
import {
  type Entry,
  inOrder,
  type KnownEntry,
  originsOf,
  type Walk,
  walkFrom,
} from '../../access-ledger/walk.ts';
import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import type { LedgerRow } from '../../db/tables/access-ledger.ts';
import type { OneTimeToken } from '../../db/tables/one-time-token.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import { providerOf } from '../../identity/provider-of.ts';
import { listIdentities } from '../../identity/store.ts';
import { after } from '../../kernel/duration.ts';
import { findBackupCodesDate } from '../../proofs/backup-code/store.ts';
import { PURPOSES } from '../../proofs/one-time-token/purpose.ts';
import { listPasskeys } from '../../proofs/passkey/store.ts';
import { findEmailFactor } from '../../proofs/second-factor/email-factor-store.ts';
import { findPasskeyFactor } from '../../proofs/second-factor/passkey-factor-store.ts';
import { findConfirmedTotp } from '../../proofs/totp/store.ts';

/** The opened link: a proof that is used or only inspected. */
export type FollowedLink = Pick<OneTimeToken, 'purpose' | 'email' | 'changeId' | 'createdAt'>;

/** A credential that an account has now. */
export type Present = {
  readonly kind: AccessKind;
  readonly thing: string | null;
  readonly change: SecurityChange;
  /** The ledger's entry that added it; null if it was added before the ledger existed. */
  readonly entry: KnownEntry | null;
};

/** A removed credential that is kept, sealed. */
type Kept = { readonly removal: KnownEntry; readonly sealedContent: Buffer };

/** A credential that is restored. */
type Restorable = {
  readonly removal: KnownEntry;
  readonly content: Content;
  readonly change: SecurityChange;
};

/** Everything that an undo does, decided before anything is done. */
export type UndoPlan = {
  readonly ledger: readonly LedgerRow[];
  readonly walk: Walk;
  /** The credentials to remove. The password is always removed and is not among them. */
  readonly removes: readonly Present[];
  readonly restores: readonly Restorable[];
  readonly stays: readonly SecurityChange[];
  /** The address that the account moves back to; null if it stays. */
  readonly movesTo: string | null;
  /** The changes that are reported to the person as undone. */
  readonly undoes: readonly SecurityChange[];
  /** The changes whose links at the same address become invalid. */
  readonly changeIds: readonly string[];
  /** This change and every later one: their links at other addresses become invalid. */
  readonly laterChangeIds: readonly string[];
};

type PlanDeps = Pick<Deps, 'clock' | 'keyring' | 'config'>;

/**
 * Decides what an undo removes, restores and leaves (PR-12, rules 2 to 6). It writes nothing, so the page that
 * asks for confirmation shows exactly what the undo then does.
 */
export async function planUndo(
  deps: PlanDeps,
  executor: Executor,
  about: { readonly user: User; readonly link: FollowedLink },
): Promise<UndoPlan> {
  const { user, link } = about;
  const now = deps.clock.now();
  const since = after(now, -UNDO_REACH);
  const ledger = await run(executor, listEntries(user.id));
  const starts = startsOf(link, ledger);
  const undoableSince = after(now, -PURPOSES['undo-security-change'].link);
  const isElsewhere = user.email !== link.email;
  const walk = walkFrom(starts, ledger, { since, undoableSince, isElsewhere });
  const onWalk = new Set(walk.added.map(({ id }) => id));

  const present = await readPresent(deps, executor, user, ledger);
  const beginning = Math.min(...starts.map(({ at }) => at.getTime()));
  const isRemoved = ({ entry, change }: Present) =>
    entry ? onWalk.has(entry.id) : change.at.getTime() >= beginning;
  const spared = present.filter((one) => !isRemoved(one));

  const kept = await readKept(executor, { userId: user.id, since, ledger });
  const restored = credentialsToRestore({ walk, kept, remaining: spared, ledger });
  // Where no passkey remains, nobody could answer when one is required (PK-5c).
  const hasPasskeys = [...spared, ...restored.map(({ removal }) => removal)].some(
    ({ kind }) => kind === 'passkey',
  );
  const isLeft = (one: Present) =>
    spared.includes(one) && (hasPasskeys || one.kind !== 'passkey-factor');
  const removes = present.filter((one) => !isLeft(one));
  const remaining = spared.filter(isLeft);
  const restores = restored.map((one) => openKept(deps, one));

  const moves = walk.added.some(({ kind }) => kind === 'address') && isElsewhere;
  const stays = remaining.filter(({ kind, thing }) =>
    walk.older.some((one) => one.kind === kind && (kindOf(kind).isSingle || one.thing === thing)),
  );
  const first = Math.min(...starts.map(({ position }) => position));
  return {
    ledger,
    walk,
    removes,
    restores,
    stays: stays.map(({ change }) => change),
    movesTo: moves ? link.email : null,
    undoes: [...removes.map(({ change }) => change), ...otherChanges(walk, user, moves)],
    changeIds: walk.added.map(({ id }) => id),
    // Only additions, because only they have links. All later entries together may exceed the limit of a
    // statement's parameters.
    laterChangeIds: ledger
      .filter(({ act, position }) => act === 'added' && position >= first)
      .map(({ id }) => id),
  };
}

/**
 * The change in the mail. A link about the address also undoes every later change of it: of several addresses,
 * the earliest one decides.
 */
function startsOf(link: FollowedLink, ledger: readonly LedgerRow[]): readonly Entry[] {
  const change = ledger.find(({ id }) => id === link.changeId);
  const isAboutAddress = link.purpose !== 'undo-security-change';
  if (!change) return [unrecorded(link)];
  if (!isAboutAddress) return [change];
  const isLaterMove = ({ act, kind, position }: LedgerRow) =>
    act === 'added' && kind === 'address' && position > change.position;
  return [change, ...ledger.filter(isLaterMove)];
}

/** A change from before the ledger existed. It is placed by its time alone. */
function unrecorded(link: FollowedLink): Entry {
  const kind = link.purpose === 'undo-security-change' ? 'identity' : 'address';
  const nothing = { id: '', position: 0, sessionId: null, thing: null, label: null };
  return { ...nothing, act: 'added', kind, at: link.createdAt };
}

async function readPresent(
  deps: PlanDeps,
  executor: Executor,
  user: User,
  ledger: readonly LedgerRow[],
): Promise<Present[]> {
  const additions = new Map<string, KnownEntry>();
  for (const entry of inOrder(ledger)) {
    const key = keyOf(entry.kind, entry.thing);
    if (entry.act === 'added') additions.set(key, entry);
    if (entry.act === 'removed') additions.delete(key);
  }
  const presentOf = (kind: AccessKind, thing: string | null, at: Date, label: string | null) => {
    const entry = additions.get(keyOf(kind, thing)) ?? null;
    const event = { type: eventOf(kind, entry?.sessionId ?? null), at, detail: null };
    return { kind, thing, entry, change: { ...event, detail: detailOf(kind, label) } };
  };
  const identities = await run(executor, listIdentities(user.id));
  const passkeys = await run(executor, listPasskeys(user.id));
  const passkeyFactor = await run(executor, findPasskeyFactor(user.id));
  const totp = await run(executor, findConfirmedTotp(user.id));
  const email = await run(executor, findEmailFactor(user.id));
  const codesMadeAt = await run(executor, findBackupCodesDate(user.id));
  return [
    ...identities.map(({ id, issuer, linkedAt }) =>
      presentOf('identity', id, linkedAt, providerOf(deps.config, issuer).name),
    ),
    ...passkeys.map(({ id, name, createdAt }) => presentOf('passkey', id, createdAt, name)),
    ...(passkeyFactor ? [presentOf('passkey-factor', null, passkeyFactor.confirmedAt, null)] : []),
    ...(totp?.confirmedAt ? [presentOf('totp', null, totp.confirmedAt, null)] : []),
    ...(email ? [presentOf('email-factor', null, email.confirmedAt, null)] : []),
    ...(codesMadeAt ? [presentOf('backup-codes', null, codesMadeAt, null)] : []),
  ];
}

/** The removed credentials that can still be restored. Content is unsealed only if it is restored. */
async function readKept(
  executor: Executor,
  about: { readonly userId: string; readonly since: Date; readonly ledger: readonly LedgerRow[] },
): Promise<Kept[]> {
  const kept = await run(executor, listRemoved(about));
  const entries = new Map(inOrder(about.ledger).map((entry) => [entry.id, entry]));
  return kept.flatMap(({ id, sealedContent }) => {
    const removal = entries.get(id);
    return removal ? [{ removal, sealedContent }] : [];
  });
}

function openKept({ keyring }: PlanDeps, { removal, sealedContent }: Kept): Restorable {
  const content = openContent(keyring, removal.id, sealedContent);
  const { kind, sessionId, label } = removal;
  const at = new Date(addedAt(content));
  const change = { type: eventOf(kind, sessionId), at, detail: detailOf(kind, label) };
  return { removal, content, change };
}

function addedAt(content: Content): string {
  if (content.kind === 'identity') return content.linkedAt;
  return content.kind === 'passkey' ? content.createdAt : content.confirmedAt;
}

/**
 * Returns the credentials to restore: all that sessions on the walk removed. If the account had a second
 * factor when the walk began and would have none left, the most recently removed one is restored, too (rule
 * 4). A passkey is never restored for that. It signs in alone, as both factors, so a passkey that the owner
 * removed would let the thief who holds it in again (PR-12, PK-5a). The time grows only linearly with the
 * ledger, because any person with an account can make their ledger long.
 */
function credentialsToRestore(about: {
  readonly walk: Walk;
  readonly kept: readonly Kept[];
  readonly remaining: readonly Present[];
  readonly ledger: readonly LedgerRow[];
}): Kept[] {
  const { walk, kept, remaining, ledger } = about;
  const taken = new Set(remaining.map(({ kind, thing }) => keyOf(kind, thing)));
  const restores: Kept[] = [];
  const restore = (one: Kept) => {
    const key = keyOf(one.removal.kind, one.removal.thing);
    if (taken.has(key)) return;
    taken.add(key);
    restores.push(one);
  };
  const newestFirst = kept.toSorted((a, b) => b.removal.position - a.removal.position);
  const removedOnWalk = new Set(walk.removed.map(({ id }) => id));
  for (const one of newestFirst) if (removedOnWalk.has(one.removal.id)) restore(one);

  const left = () =>
    new Set([...remaining.map(({ kind }) => kind), ...restores.map(({ removal }) => removal.kind)]);
  if (hasSecondFactor(left())) return restores;
  const origins = new Map(
    [...originsOf(inOrder(ledger))].map(([entry, origin]) => [entry.id, origin]),
  );
  const onWalk = new Set(walk.added.map(({ id }) => id));
  const stood = newestFirst.filter(({ removal }) => {
    const origin = origins.get(removal.id);
    const isOlder = !origin || (origin.position < walk.beganAt && !onWalk.has(origin.id));
    return removal.position > walk.beganAt && isOlder;
  });
  const last = stood.find(({ removal: { kind } }) => isFactorAmong(left(), kind));
  if (last) restore(last);
  return restores;
}

function hasSecondFactor(kinds: ReadonlySet<AccessKind>): boolean {
  return [...kinds].some((kind) => isFactorAmong(kinds, kind));
}

/** The choice to use passkeys as a second factor is none without a passkey. */
function isFactorAmong(kinds: ReadonlySet<AccessKind>, kind: AccessKind): boolean {
  return kindOf(kind).isSecondFactor && (kind !== 'passkey-factor' || kinds.has('passkey'));
}

/**
 * Changes that are reported besides credentials: a password that was set on the walk, and changes of address.
 */
function otherChanges(walk: Walk, user: User, moves: boolean): SecurityChange[] {
  const reported = walk.added.filter(
    ({ kind }) =>
      (kind === 'password' && user.passwordHash !== null) ||
      (kind === 'address' && moves) ||
      kind === 'address-request',
  );
  return reported.map(changeOf);
}

function keyOf(kind: AccessKind, thing: string | null): string {
  return kindOf(kind).isSingle ? kind : `${kind} ${thing}`;
}
