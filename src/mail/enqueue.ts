import { type SQL, sql } from 'drizzle-orm';
import type { Statement } from '../db/statement.ts';
import type { MailQueue } from '../db/tables/outbox.ts';
import type { Deps } from '../deps.ts';
import { after, DAY } from '../kernel/duration.ts';
import { newId } from '../kernel/id.ts';
import type { MailMessage, MailTemplate } from './messages.ts';
import { sealMessage } from './sealed-message.ts';
import { insertMail } from './store.ts';

/** A notice that could not be delivered for this long is outdated. */
const NOTICE_LIFETIME = 3 * DAY;

/**
 * The mails that a person can cause to any address without having proven anything. Invitations are among them: a list of
 * a thousand must not delay a mail that somebody waits for.
 */
const ANYBODY_CAUSES: ReadonlySet<MailTemplate> = new Set([
  'reset-password',
  'verify-email',
  'prove-address',
  'already-registered',
  'email-sign-in',
  'email-sign-in-no-account',
  'invitation',
]);

/**
 * Stores a mail in the caller's transaction. The mail is sent if and only if the transaction commits,
 * and no answer waits for the mail server (LG-5). After the commit the caller wakes the outbox.
 *
 * @param mail.to an address in its canonical form
 * @param mail.decoy true if no mail may be sent and nobody may notice (LG-5): a decoy has the same row
 *   and is processed by the same worker
 * @param mail.isRefused a condition, evaluated in the transaction, under which the mail is a decoy
 * @param mail.notBefore the earliest time to send it; at once if omitted
 * @param mail.byOwner true if a person who has proven something about the account caused the mail. It
 *   is then sent before the mails of strangers
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
