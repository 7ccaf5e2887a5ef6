import type { Config } from '../../config.ts';
import { parseSmtpUrl } from '../../kernel/smtp-url.ts';
import { MailServerUnavailableError } from '../../mail/errors.ts';
import { adviceForMailServer } from '../../mail/smtp-failure.ts';
import { createConfiguredSmtpMailer } from '../../mail/smtp-mailer.ts';
import { about, type Finding, orWrong } from './finding.ts';

/** Connects to the mail server, encrypts and logs in as for a mail, and sends none. */
export async function checkMail({ mail }: Pick<Config, 'mail'>): Promise<readonly Finding[]> {
  const { ok, wrong } = about('mail');
  const { smtpUrl } = mail;
  if (smtpUrl === null) return [ok('no SMTP_URL: mails stay in the development mailbox')];
  const { host, port, user } = parseSmtpUrl(smtpUrl);
  const at = `${host}:${port}`;
  return await orWrong('mail', async () => {
    const mailer = createConfiguredSmtpMailer(mail);
    try {
      await mailer.verify();
      return [ok(`${at} accepts connections${user === null ? '' : ' and the log-in of SMTP_URL'}`)];
    } catch (error) {
      if (!(error instanceof MailServerUnavailableError)) throw error;
      const { reason } = error;
      return [wrong(`${at} cannot be used (${reason}): ${adviceForMailServer(reason)}`)];
    } finally {
      mailer.close();
    }
  });
}
