import { SECOND } from '../kernel/duration.ts';
import type { Log, Mailer } from '../kernel/ports.ts';
import { adviceForMailServer } from './advice.ts';
import { MailRefusedError, MailServerUnavailableError } from './errors.ts';
import type { SmtpMailer } from './smtp-mailer.ts';

/** A mailer that says in the log when its server stops and starts taking mails. */
export type WatchedMailer = Mailer & {
  /** Connects and logs in once, so that a mistake is known before the first mail. Never rejects. */
  tryServer(): Promise<void>;
  /** The same, {@link TRIAL_DELAY} from now. */
  tryServerSoon(): void;
};

/** A start's first answers do not share the processor with loading the SMTP client. */
const TRIAL_DELAY = 5 * SECOND;

/**
 * Each change is one line, with its reason: a mail server that is away is met by every mail, and what the
 * operator needs to know stands in the first line.
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
    // What is cut off by the end of the process says nothing about the server.
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
      // It answered: what it refuses is the one mail.
      else if (error instanceof MailRefusedError) worked();
      throw error;
    }
    worked();
  };

  const tryServer = async () => {
    // Said by then.
    await watched(() => mailer.verify()).catch(() => undefined);
  };
  let trial: ReturnType<typeof setTimeout> | undefined;

  return {
    send: (mail) => watched(() => mailer.send(mail)),
    tryServer,
    tryServerSoon() {
      trial = setTimeout(() => void tryServer(), TRIAL_DELAY).unref();
    },
    close() {
      isClosed = true;
      clearTimeout(trial);
      mailer.close();
    },
  };
}
