import { run } from '../db/executor.ts';
import type { MailQueue } from '../db/tables/outbox.ts';
import { after, MINUTE } from '../kernel/duration.ts';
import { type DeliveryDeps, deliverMail } from './deliver.ts';
import { claimMail } from './store.ts';

/** Longer than the longest send, so that no other process sends a mail that is being sent. */
const LEASE = MINUTE;

/** The queues whose mails are sent. An owner's mail never waits behind a mail that a stranger caused. */
export const SENT_QUEUES: readonly MailQueue[] = ['owner', 'anybody'];

/** How a pass ended: no mail is due, the mail server is unavailable, or the signal was aborted. */
export type Drain = 'empty' | 'unavailable' | 'stopped';

/**
 * Runs one pass: sends the mails that are due, the longest due first, several at once.
 *
 * @param options.queues in the order in which they are served
 * @param options.concurrency how many mails are sent at once
 * @param options.limit the most mails of this pass; one is enough to probe a server
 * @param options.afterEach awaited after each mail, which spaces the mails
 * @throws the database's error, after all sends have ended
 */
export async function drainOutbox(
  deps: DeliveryDeps,
  options: {
    readonly queues?: readonly MailQueue[];
    readonly concurrency: number;
    readonly limit?: number;
    readonly afterEach?: () => Promise<void>;
    readonly signal?: AbortSignal;
  },
): Promise<Drain> {
  const { queues = SENT_QUEUES } = options;
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  let ended: Drain | 'failed' | null = null;

  const senders: Promise<void>[] = [];
  const failures: unknown[] = [];

  const sendNext = async (first: Date): Promise<void> => {
    for (let now = first; !ended && left > 0; now = deps.clock.now()) {
      if (options.signal?.aborted) {
        ended = 'stopped';
        return;
      }
      left -= 1;
      const row = await run(deps.db, claimMail({ queues, now, until: after(now, LEASE) }));
      if (!row) return;
      startSender(now);
      const { tracer } = deps;
      const deliver = () => deliverMail(deps, row);
      const delivery = await (tracer
        ? tracer.trace('mail delivery', { template: row.template }, deliver)
        : deliver());
      if (delivery === 'unavailable') ended = 'unavailable';
      await options.afterEach?.();
    }
  };

  // Only a sender that found a mail starts another one: most passes find one mail or none, and each
  // question costs the database a statement. Its first question is of the same moment, at which a mail that was
  // just claimed is not due, even if the clock is set on meanwhile.
  const startSender = (now: Date): void => {
    if (senders.length === options.concurrency) return;
    const sender = sendNext(now).catch((error: unknown) => {
      ended = 'failed';
      failures.push(error);
    });
    senders.push(sender);
  };

  startSender(deps.clock.now());
  // Includes the senders that are started meanwhile.
  for (const sender of senders) await sender;
  if (failures.length > 0) throw failures[0];
  return ended ?? 'empty';
}
