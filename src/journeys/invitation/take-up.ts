import { linkOf, recordNewAccess } from '../../access-ledger/undo-link.ts';
import { endEarlierAccess } from '../../credential-change/end-earlier-access.ts';
import { isOpenTo } from '../../credential-change/invitation-state.ts';
import { type Executor, run } from '../../db/executor.ts';
import type { Invitation } from '../../db/tables/invitation.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import { InvalidTokenError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/id.ts';
import type { Client } from '../../kernel/ports.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import { takeOverUnprovenAccount } from '../../proven-address/take-over.ts';
import { newUser } from '../../user/new-user.ts';
import {
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
 * the invitation up. It has the name that the administrator gave. The person's row comes first, then rows about the address. Of several acceptances at the same time
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
  if (!(await isOpenTo(deps, tx, invitation, account))) throw new InvalidTokenError();
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
  { invitation, passwordHash }: Accepted,
): Promise<User | null> {
  const { email, name, locale } = invitation;
  const now = deps.clock.now();
  return await run(
    tx,
    insertUser({
      ...newUser({ id: newId(deps), email, emailVerifiedAt: now, createdAt: now }),
      ...{ name, locale, passwordHash, passwordFromMail: true },
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
  const { invitation, passwordHash, client } = accepted;
  const now = deps.clock.now();
  // Whoever claimed the address before loses everything, before roles or a session come to the account (PR-8, PR-11).
  const user = await takeOverUnprovenAccount(deps, tx, {
    account,
    name: invitation.name,
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
 * Gives a password to an account that was made with a proven address. Its owner may have entered it by mail before,
 * whether or not they are signed in now. To them this is a new way in beside the mailbox, perhaps through a link that
 * somebody else has got: every session ends, and a mail can undo it (PR-12).
 *
 * @returns null if the account has got another way in in the meantime
 */
async function setFirstPassword(
  deps: TakeUpDeps,
  tx: Executor,
  { id: userId }: User,
  { invitation, passwordHash, client }: Accepted,
): Promise<User | null> {
  const locked = await run(tx, lockUserForUpdate(userId));
  if (!locked || locked.email !== invitation.email) return null;
  if (!(await isOpenTo(deps, tx, invitation, locked))) return null;
  const now = deps.clock.now();
  await endEarlierAccess(deps, tx, userId);
  const user = await run(tx, setPassword({ userId, passwordHash, fromMail: true, now }));
  const act = { kind: 'password', sessionId: null } as const;
  const undo = await recordNewAccess(deps, tx, { user: locked, act, client });
  const about = { at: now, from: client, ...linkOf(undo), openChanges: [] };
  const message = { template: 'password-reset-done', ...about } as const;
  await run(tx, enqueueMail(deps, { to: locked.email, message }));
  return user;
}
