import { type SQL, sql } from 'drizzle-orm';
import type { Statement } from '../db/statement.ts';
import type { MailQueue } from '../db/tables/outbox.ts';
import type { Deps } from '../deps.ts';
import { after, DAY } from '../kernel/duration.ts';
import { newId } from '../kernel/id.ts';
import type { MailMessage, MailTemplate } from './messages.ts';
import { sealMessage } from './sealed-message.ts';
import { insertMail } from './store.ts';

/** A notice that could not be delivered for so long is no news any more. */
const NOTICE_LIFETIME = 3 * DAY;

/** What anybody can have mailed to any address, without having proven anything. */
const ANYBODY_CAUSES: ReadonlySet<MailTemplate> = new Set([
  'reset-password',
  'verify-email',
  'prove-address',
  'already-registered',
]);

/**
 * Puts a mail on its way in the caller's transaction: it leaves if and only if what caused it
 * commits, and the time a mail server takes is in nobody's answer (LG-5). After the commit the
 * caller wakes the outbox.
 *
 * @param mail.to an address in its canonical form
 * @param mail.decoy true when nothing may be sent and nobody may notice (LG-5): the same row, the
 *   same way through the worker
 * @param mail.isRefused where the transaction itself decides that nothing may be sent
 * @param mail.notBefore when it may leave, where that is not at once
 * @param mail.byOwner true when a mail that anybody can cause was caused by somebody who has proven
 *   something of the account: it leaves before those that strangers caused
 */
export function enqueueMail(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring'>,
  mail: {
    readonly to: string;
    readonly message: MailMessage;
    readonly decoy?: boolean;
    readonly isRefused?: SQL;
    readonly notBefore?: SQL;
    readonly byOwner?: boolean;
  },
): Statement<void> {
  const id = newId(deps);
  const now = deps.clock.now();
  return insertMail({
    id,
    recipient: mail.to,
    template: mail.message.template,
    queue: mail.isRefused ? decoyIf(mail.isRefused, queueOf(mail)) : queueOf(mail),
    sealedContent: sealMessage(deps.keyring, id, mail.message),
    createdAt: now,
    expiresAt: endOf(mail.message) ?? after(now, NOTICE_LIFETIME),
    nextAttemptAt: mail.notBefore ?? now,
  });
}

function queueOf(mail: {
  readonly message: MailMessage;
  readonly decoy?: boolean;
  readonly byOwner?: boolean;
}): MailQueue {
  if (mail.decoy) return 'decoy';
  return mail.byOwner || !ANYBODY_CAUSES.has(mail.message.template) ? 'owner' : 'anybody';
}

function decoyIf(isRefused: SQL, queue: MailQueue): SQL {
  const decoy: MailQueue = 'decoy';
  return sql`case when ${isRefused} then ${decoy}::text else ${queue}::text end`;
}

function endOf(message: MailMessage): Date | null {
  if ('expiresAt' in message && message.expiresAt) return message.expiresAt;
  return 'codeExpiresAt' in message ? message.codeExpiresAt : null;
}
