import { recordAudit } from '../audit/record.ts';
import { eraseFromEvents } from '../audit/store.ts';
import { type Executor, run } from '../db/executor.ts';
import { pipeline } from '../db/pipeline.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import type { Act } from '../kernel/act.ts';
import { newId } from '../kernel/id.ts';
import { enqueueMail } from '../mail/enqueue.ts';
import type { MailTemplate } from '../mail/messages.ts';
import { deleteMailsTo } from '../mail/store.ts';
import { TAKE_BACK } from '../proofs/one-time-token/purpose.ts';
import { deleteProofsOf, deleteProofsTo } from '../proofs/one-time-token/store.ts';
import { forgetRegisteredAddress, lockRegistrations } from '../registration/store.ts';
import { forgetImpersonator, revokeSessionsOfImpersonator } from '../session/store.ts';
import { deleteUser, findUserByEmail } from '../user/store.ts';

/** Mails about this person to an address that was only requested. Anybody may request any address. */
const MAILS_TO_WISHED: readonly MailTemplate[] = ['confirm-email-change'];

/**
 * Mails to an address that belonged to this person. The same mails to an address that was only requested belong
 * to somebody else, who would otherwise neither learn of a theft nor get the link that undoes it (PR-7).
 */
const MAILS_TO_FORMER: readonly MailTemplate[] = [
  ...MAILS_TO_WISHED,
  'email-change-requested',
  'email-changed',
];

/**
 * Deletes the account of a locked person and all personal data (DR-5): the person, by cascade the sessions and
 * factors, pending proofs, and mails. The audit log keeps the events without naming the person, also those of what the
 * person did to others; of what others did to the person it keeps who did it, and why (AD-6). Only a farewell mail still contains the address, until the outbox deletes it. After the commit the caller wakes the outbox.
 *
 * @returns when the account was deleted
 */
export async function eraseAccount(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring' | 'act'>,
  tx: Executor,
  { id: userId, email }: Pick<User, 'id' | 'email'>,
): Promise<Date> {
  const now = deps.clock.now();
  const pseudonym = newId(deps);
  await forgetCorrespondence(tx, { userId, email, now });
  await endImpersonationsBy(deps, tx, { userId, pseudonym, now });
  await run(tx, deleteUser(userId));
  await pipeline(tx, eraseFromEvents({ userId, pseudonym }));
  await run(tx, recordAudit(deps, { type: 'ACCOUNT_DELETED', userId: pseudonym, client: null }));
  await run(
    tx,
    enqueueMail(deps, { to: email, message: { template: 'account-deleted', at: now } }),
  );
  return now;
}

/** The people as whom a deleted administrator acts see that it ended, and nothing names the administrator any more. */
async function endImpersonationsBy(
  deps: Pick<Deps, 'clock' | 'random'>,
  tx: Executor,
  erased: { readonly userId: string; readonly pseudonym: string; readonly now: Date },
): Promise<void> {
  const { userId: impersonatorId, pseudonym, now } = erased;
  const ended = await run(tx, revokeSessionsOfImpersonator({ impersonatorId, now }));
  const act: Act = { actor: { kind: 'administrator', id: pseudonym }, client: null };
  const events = ended.map((session) =>
    recordAudit({ ...deps, act }, { type: 'IMPERSONATION_ENDED', ...session, client: null }),
  );
  await pipeline(tx, [forgetImpersonator(erased), ...events]);
}

async function forgetCorrespondence(
  tx: Executor,
  person: { readonly userId: string; readonly email: string; readonly now: Date },
): Promise<void> {
  const { userId, email, now } = person;
  await run(tx, lockRegistrations(email));
  const proofs = (await run(tx, deleteProofsOf(userId))).filter((proof) => proof.email !== email);
  const former = proofs.filter(({ purpose }) => TAKE_BACK.some((one) => one === purpose));
  const formerAddresses = new Set(former.map((proof) => proof.email));
  await run(tx, deleteProofsTo({ email, spent: false }));
  await run(tx, forgetRegisteredAddress({ email, now }));
  await run(tx, deleteMailsTo({ recipient: email }));
  for (const recipient of new Set(proofs.map((proof) => proof.email))) {
    const only = formerAddresses.has(recipient) ? MAILS_TO_FORMER : MAILS_TO_WISHED;
    await run(tx, deleteMailsTo({ recipient, only }));
    // The address now belongs to another account and keeps that account's mails.
    if (await run(tx, findUserByEmail(recipient))) continue;
    await run(tx, deleteProofsTo({ email: recipient, spent: true }));
    await run(tx, deleteMailsTo({ recipient, only: 'sent' }));
  }
}
