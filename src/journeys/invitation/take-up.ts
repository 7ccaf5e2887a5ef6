import { linkOf, recordNewAccess } from '../../access-ledger/undo-link.ts';
import { endEarlierAccess } from '../../credential-change/end-earlier-access.ts';
import { hasWayInBesideMailbox } from '../../credential-change/ways-in.ts';
import { type Executor, run } from '../../db/executor.ts';
import type { Invitation } from '../../db/tables/invitation.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import { isOpenTo } from '../../invitation/open-to.ts';
import { InvalidTokenError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/id.ts';
import type { Client } from '../../kernel/ports.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import { takeOverUnprovenAccount } from '../../proven-address/take-over.ts';
import { newUser } from '../../user/new-user.ts';
import {
  changeProfile,
  findUserByEmail,
  insertUser,
  lockUserForUpdate,
  setPassword,
  updateAccount,
} from '../../user/store.ts';

type TakeUpDeps = Pick<Deps, 'clock' | 'random' | 'keyring' | 'config'>;

/** A live invitation, with what the invited person chose. */
export type Accepted = {
  readonly invitation: Invitation;
  readonly passwordHash: string;
  readonly name: string | null;
  readonly client: Client;
};

/** The account that the invited person gets. */
export type TakenUp = {
  readonly user: User;
  readonly isNew: boolean;
  /** True if the address of the account had been proven before. */
  readonly wasProven: boolean;
};

/**
 * Creates the account of an invited person, or gives them the one that waits for them, in the transaction that uses
 * the invitation up. The person's row comes first, then rows about the address. Of several acceptances at the same time
 * the first creates the account, and the others find it.
 *
 * @throws InvalidTokenError
 */
export async function takeUpAccount(
  deps: TakeUpDeps,
  tx: Executor,
  accepted: Accepted,
): Promise<TakenUp> {
  const { invitation } = accepted;
  const account = await run(tx, findUserByEmail(invitation.email));
  if (!isOpenTo(invitation, account)) throw new InvalidTokenError();
  const user = account
    ? await takeOver(deps, tx, account, accepted)
    : await create(deps, tx, accepted);
  if (!user) throw new InvalidTokenError();
  return { user, isNew: account === null, wasProven: account?.emailVerifiedAt != null };
}

/** @returns null if somebody else made an account with the address in the meantime */
async function create(
  deps: TakeUpDeps,
  tx: Executor,
  { invitation, passwordHash, name }: Accepted,
): Promise<User | null> {
  const { email, locale } = invitation;
  const now = deps.clock.now();
  return await run(
    tx,
    insertUser({
      ...newUser({ id: newId(deps), email, emailVerifiedAt: now, createdAt: now }),
      ...{ name: name ?? invitation.name, locale, passwordHash, passwordFromMail: true },
    }),
  );
}

async function takeOver(
  deps: TakeUpDeps,
  tx: Executor,
  account: User,
  accepted: Accepted,
): Promise<User | null> {
  if (account.emailVerifiedAt) return await setFirstPassword(deps, tx, account, accepted);
  const { invitation, passwordHash, name, client } = accepted;
  const now = deps.clock.now();
  // Whoever claimed the address before loses everything, before roles or a session come to the account (PR-8, PR-11).
  const user = await takeOverUnprovenAccount(deps, tx, {
    account,
    name: name ?? invitation.name,
    password: { passwordHash, fromMail: true },
  });
  if (!user) return null;
  if (invitation.userId === user.id) {
    return await run(tx, updateAccount({ userId: user.id, locale: invitation.locale, now }));
  }
  const message = { template: 'earlier-claim-removed', at: now, from: client } as const;
  await run(tx, enqueueMail(deps, { to: user.email, message }));
  return user;
}

/**
 * Gives a password to an account that was made with a proven address. Its owner may have entered it by mail before. Then
 * this is a new way in beside the mailbox: every session ends, and a mail can undo it (PR-12).
 *
 * @returns null if the account has got another way in in the meantime
 */
async function setFirstPassword(
  deps: TakeUpDeps,
  tx: Executor,
  { id: userId }: User,
  { invitation, passwordHash, name, client }: Accepted,
): Promise<User | null> {
  const locked = await run(tx, lockUserForUpdate(userId));
  if (!locked || locked.email !== invitation.email || !isOpenTo(invitation, locked)) return null;
  if (await hasWayInBesideMailbox(deps, tx, locked)) return null;
  const now = deps.clock.now();
  const ended = await endEarlierAccess(deps, tx, userId);
  if (name !== null) await run(tx, changeProfile({ userId, profile: { name }, now }));
  const user = await run(tx, setPassword({ userId, passwordHash, fromMail: true, now }));
  if (ended === 0) return user;
  const act = { kind: 'password', sessionId: null } as const;
  const undo = await recordNewAccess(deps, tx, { user: locked, act, client });
  const about = { at: now, from: client, ...linkOf(undo), openChanges: [] };
  const message = { template: 'password-reset-done', ...about } as const;
  await run(tx, enqueueMail(deps, { to: locked.email, message }));
  return user;
}
