import { SECOND } from '../kernel/duration.ts';
import type { Log, Mailer } from '../kernel/ports.ts';
import { MailRefusedError, MailServerUnavailableError } from './errors.ts';
import { adviceForMailServer } from './smtp-failure.ts';
import type { SmtpMailer } from './smtp-mailer.ts';

/** A mailer that logs when its server becomes unavailable and available again. */
export type WatchedMailer = Mailer & {
  /** Connects and logs in once, so that a mistake is logged before the first mail. Never rejects. */
  checkServer(): Promise<void>;
  /** Checks the server five seconds from now. */
  checkServerSoon(): void;
};

/** Loading the SMTP client waits, so that it does not slow down the first answers after a start. */
const CHECK_DELAY = 5 * SECOND;

/**
 * Wraps a mailer so that each change of its server's availability is one log line, with the reason. An
 * outage fails every mail; the operator needs one line.
 */
export function watchMailer(mailer: SmtpMailer, log: Log): WatchedMailer {
  let reason: string | null = null;
  let failingSince = 0;
  let isClosed = false;

  const worked = () => {
    if (reason === null) return;
    reason = null;
    const milliseconds = Math.round(performance.now() - failingSince);
    log.info({ milliseconds }, 'mail server available again');
  };
  const failed = (error: MailServerUnavailableError) => {
    // A connection that close() cut off says nothing about the server.
    if (isClosed || error.reason === reason) return;
    if (reason === null) failingSince = performance.now();
    ({ reason } = error);
    log.warn({ reason, advice: adviceForMailServer(reason) }, 'mail server unavailable');
  };
  const watched = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      if (error instanceof MailServerUnavailableError) failed(error);
      // The server answered; it refused only this mail.
      else if (error instanceof MailRefusedError) worked();
      throw error;
    }
    worked();
  };

  const checkServer = async () => {
    // `watched` has logged the failure.
    await watched(() => mailer.verify()).catch(() => undefined);
  };
  let check: ReturnType<typeof setTimeout> | undefined;

  return {
    send: (mail) => watched(() => mailer.send(mail)),
    checkServer,
    checkServerSoon() {
      check = setTimeout(() => void checkServer(), CHECK_DELAY).unref();
    },
    close() {
      isClosed = true;
      clearTimeout(check);
      mailer.close();
    },
  };
}
