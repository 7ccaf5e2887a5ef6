import { type AuditEvent, recordAudit } from '../audit/record.ts';
import type { Executor } from '../db/executor.ts';
import { run } from '../db/executor.ts';
import type { Deps } from '../deps.ts';
import { enqueueMail } from '../mail/enqueue.ts';
import type { MailMessage } from '../mail/messages.ts';

/**
 * Reports a change of credentials, in the transaction that makes it: a row in the audit log, and a mail
 * to the person. No change is silent, so the owner of an account learns of a change that somebody else
 * made. After the commit the caller wakes the outbox.
 *
 * @param mail.to the address that the account had before the change
 */
export async function reportChange(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring' | 'act'>,
  tx: Executor,
  event: AuditEvent,
  mail: { readonly to: string; readonly message: MailMessage },
): Promise<void> {
  await run(tx, recordAudit(deps, event));
  await run(tx, enqueueMail(deps, mail));
}
