import { run } from '../db/executor.ts';
import type { OutboxRow } from '../db/tables/outbox.ts';
import type { Deps } from '../deps.ts';
import { after, SECOND } from '../kernel/duration.ts';
import type { Meter } from '../kernel/meter.ts';
import type { Mail, Mailer, Tracer } from '../kernel/ports.ts';
import { pauseAfterRefusal } from './backoff.ts';
import { MailRefusedError, MailServerUnavailableError } from './errors.ts';
import { english } from './language/en.ts';
import { renderMail } from './render.ts';
import { openMessage } from './sealed-message.ts';
import { markDead, markSent, postpone } from './store.ts';

/** The dependencies of a delivery. */
export type DeliveryDeps = Pick<Deps, 'db' | 'clock' | 'random' | 'log' | 'keyring' | 'config'> & {
  readonly mailer: Mailer;
  readonly tracer?: Tracer | null;
  readonly meter?: Meter;
};

/** The outcome of an attempt. `unavailable`: the mail server cannot be used, for other mails either. */
export type Delivery = 'sent' | 'refused' | 'dead' | 'unavailable';

/** The attempts before a mail is given up. With their growing pauses they last more than a day. */
export const MAX_ATTEMPTS = 150;

/** After an outage the mail is due again soon. The worker, not the mail, pauses. */
const OUTAGE_DELAY = SECOND;

/** Sends one claimed mail, and stores the outcome. */
export async function deliverMail(deps: DeliveryDeps, row: OutboxRow): Promise<Delivery> {
  const delivery = await tryDelivery(deps, row);
  // A decoy is never sent.
  if (row.queue !== 'decoy') deps.meter?.count('mailDeliveries', delivery);
  return delivery;
}

async function tryDelivery(deps: DeliveryDeps, row: OutboxRow): Promise<Delivery> {
  const now = deps.clock.now();
  const isDecoy = row.queue === 'decoy';
  if (!isDecoy && row.expiresAt <= now) {
    return await giveUp(deps, row, { reason: 'expired', wipe: true });
  }
  let mail: Mail;
  try {
    mail = writeMail(deps, row, now);
  } catch (error) {
    // A missing secret or an unknown template: retried, because the next release may read the mail.
    deps.log.error({ mailId: row.id, template: row.template, err: error }, 'mail unreadable');
    return await retry(deps, row, 'unreadable');
  }
  try {
    if (!isDecoy) await deps.mailer.send(mail);
  } catch (error) {
    return await handleFailure(deps, row, error);
  }
  await run(deps.db, markSent(row.id, deps.clock.now()));
  deps.log.debug({ mailId: row.id, template: row.template }, 'mail sent');
  return 'sent';
}

function writeMail(deps: DeliveryDeps, row: OutboxRow, now: Date): Mail {
  const { appName, publicUrl } = deps.config;
  const message = openMessage(deps.keyring, row.id, row.sealedContent ?? Buffer.alloc(0));
  return {
    // The same for each attempt, so that mail programs recognize a second copy after a crash (RFC 5322 3.6.4).
    messageId: `<${row.id}@${new URL(publicUrl).hostname}>`,
    to: row.recipient,
    ...renderMail(message, { language: english, appName, now }),
  };
}

async function handleFailure(
  deps: DeliveryDeps,
  row: OutboxRow,
  error: unknown,
): Promise<Delivery> {
  if (error instanceof MailServerUnavailableError) {
    await run(
      deps.db,
      postpone(row, {
        attempts: row.attempts - 1,
        at: after(deps.clock.now(), OUTAGE_DELAY),
        reason: error.reason,
      }),
    );
    // The mailer logs an outage once (watched-mailer.ts).
    deps.log.debug({ mailId: row.id, reason: error.reason }, 'mail postponed');
    return 'unavailable';
  }
  if (error instanceof MailRefusedError) {
    return error.permanent
      ? await giveUp(deps, row, { reason: error.reason, wipe: false })
      : await retry(deps, row, error.reason);
  }
  deps.log.error({ mailId: row.id, err: error }, 'mailer failed');
  return await retry(deps, row, 'unexpected');
}

async function retry(deps: DeliveryDeps, row: OutboxRow, reason: string): Promise<Delivery> {
  if (row.attempts >= MAX_ATTEMPTS) return await giveUp(deps, row, { reason, wipe: false });
  const now = deps.clock.now();
  const age = now.getTime() - row.createdAt.getTime();
  const pause = pauseAfterRefusal(deps.random, { attempts: row.attempts, age });
  await run(deps.db, postpone(row, { attempts: row.attempts, at: after(now, pause), reason }));
  deps.log.warn({ mailId: row.id, attempts: row.attempts, reason }, 'mail delivery failed');
  return 'refused';
}

async function giveUp(
  deps: DeliveryDeps,
  row: OutboxRow,
  death: { readonly reason: string; readonly wipe: boolean },
): Promise<Delivery> {
  await run(deps.db, markDead(row, { ...death, now: deps.clock.now() }));
  deps.log.error(
    { mailId: row.id, template: row.template, attempts: row.attempts, reason: death.reason },
    'mail given up',
  );
  return 'dead';
}
