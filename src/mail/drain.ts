import type { MailQueue } from '../db/tables/outbox.ts';
import { after, MINUTE } from '../kernel/duration.ts';
import { type DeliveryDeps, deliverMail } from './deliver.ts';
import { claimMail } from './store.ts';

/** Longer than any one send may take, so that nobody sends a mail that is being sent. */
const LEASE = MINUTE;

/** The queues whose mails are sent: an owner's mails wait behind none that a stranger caused. */
export const SENT_QUEUES: readonly MailQueue[] = ['owner', 'anybody'];

/** How a pass ended: nothing left that is due, the server is away, or it was told to stop. */
export type Drain = 'empty' | 'unavailable' | 'stopped';

/**
 * One pass: sends what is due, longest due first, so many mails at once.
 *
 * @param options.queues in the order in which they are served
 * @param options.limit how many mails at most; one is enough to probe a server
 * @param options.pace what a lane waits for after each mail
 * @throws whatever the database threw, after every lane has ended
 */
export async function drainOutbox(
  deps: DeliveryDeps,
  options: {
    readonly queues?: readonly MailQueue[];
    readonly lanes: number;
    readonly limit?: number;
    readonly pace?: () => Promise<void>;
    readonly signal?: AbortSignal;
  },
): Promise<Drain> {
  const { queues = SENT_QUEUES } = options;
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  let ended: Drain | 'failed' | null = null;

  const lane = async (): Promise<void> => {
    while (!ended && left > 0) {
      if (options.signal?.aborted) {
        ended = 'stopped';
        return;
      }
      left -= 1;
      const now = deps.clock.now();
      const row = await claimMail(deps.db, { queues, now, until: after(now, LEASE) });
      if (!row) return;
      const { tracer } = deps;
      const deliver = () => deliverMail(deps, row);
      const delivery = await (tracer
        ? tracer.trace('mail delivery', { template: row.template }, deliver)
        : deliver());
      if (delivery === 'unavailable') ended = 'unavailable';
      await options.pace?.();
    }
  };

  const lanes = Array.from({ length: options.lanes }, () =>
    lane().catch((error: unknown) => {
      ended = 'failed';
      throw error;
    }),
  );
  const failure = (await Promise.allSettled(lanes)).find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
  return ended ?? 'empty';
}
