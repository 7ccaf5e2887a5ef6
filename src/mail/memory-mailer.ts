import type { Clock, Log, Mail, Mailer } from '../kernel/ports.ts';

/** A mail of the development mailbox. */
export type ReceivedMail = Mail & { readonly receivedAt: Date };

/** A mailer that keeps mails in memory. */
export type MemoryMailer = Mailer & {
  /** The mails kept, newest first. */
  list(): readonly ReceivedMail[];
};

/**
 * The development mailbox. Mails do not leave the process; the newest ones can be read. The log has a
 * line for each mail, without its content (LO-2).
 */
export function createMemoryMailer({
  log,
  clock,
  capacity = 200,
}: {
  readonly log: Log;
  readonly clock: Clock;
  readonly capacity?: number;
}): MemoryMailer {
  let mails: readonly ReceivedMail[] = [];
  return {
    async send(mail) {
      mails = [{ ...mail, receivedAt: clock.now() }, ...mails].slice(0, capacity);
      log.info({ to: mail.to, subject: mail.subject }, 'mail kept in development mailbox');
    },
    close() {
      mails = [];
    },
    list: () => mails,
  };
}
