import type { SMTPPoolOptions, SMTPPoolSentMessageInfo, Transporter } from 'nodemailer';
import { SECOND } from '../kernel/duration.ts';
import { canonicalEmail } from '../kernel/email.ts';
import type { Mailer } from '../kernel/ports.ts';
import { MailRefusedError } from './errors.ts';
import { explainSmtpFailure } from './smtp-failure.ts';

/** One send with all its replies; shorter than the outbox's lease of a minute (F-10). */
const SEND_DEADLINE = 45 * SECOND;

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/;

/**
 * Hands mails to an SMTP server, over connections kept for the next mail. nodemailer is loaded with
 * the first mail, so that a development server without SMTP starts without it.
 *
 * @param options.url `smtp://user:password@host:587` or `smtps://…:465`; its query is not read
 * @param options.from `no-reply@example.com` or `Example <no-reply@example.com>`
 * @param options.timeout milliseconds of silence from the server that are borne
 */
export function createSmtpMailer(options: {
  readonly url: string;
  readonly from: string;
  readonly connections?: number;
  readonly timeout?: number;
}): Mailer {
  let transport: Promise<Transporter<SMTPPoolSentMessageInfo, SMTPPoolOptions>> | null = null;
  const connect = async () => {
    const { createTransport } = await import('nodemailer');
    return createTransport(poolOptions(options));
  };

  return {
    async send(mail) {
      // The last door before the wire: one address, or nothing (CVE-2022-35924).
      if (canonicalEmail(mail.to) !== mail.to) {
        throw new MailRefusedError({ permanent: true, reason: 'not one canonical address' });
      }
      transport ??= connect();
      const transporter = await transport;
      try {
        await transporter.sendMail({
          from: options.from,
          to: { name: '', address: mail.to },
          messageId: mail.messageId,
          subject: mail.subject,
          text: mail.text,
          html: mail.html,
          // Keeps out-of-office robots from answering (RFC 3834 5).
          headers: { 'Auto-Submitted': 'auto-generated' },
          signal: AbortSignal.timeout(SEND_DEADLINE),
        });
      } catch (error) {
        throw explainSmtpFailure(error);
      }
    },
    close() {
      // Mails in flight have had their grace from the outbox; what is cut here stays a row there.
      transport?.then(
        (transporter) => transporter.close({ force: true }),
        () => undefined,
      );
    },
  };
}

function poolOptions(options: Parameters<typeof createSmtpMailer>[0]) {
  const url = new URL(options.url);
  const secure = url.protocol === 'smtps:';
  const timeout = options.timeout ?? 10 * SECOND;
  return {
    pool: true,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    // Links that sign people in cross no network in the clear; a relay on this machine may.
    requireTLS: !secure && !LOOPBACK.test(url.hostname),
    ...(url.username
      ? {
          auth: {
            user: decodeURIComponent(url.username),
            pass: decodeURIComponent(url.password),
          },
        }
      : {}),
    maxConnections: options.connections ?? 8,
    // A mail whose connection broke goes back to the outbox, which knows how to wait.
    maxRequeues: 0,
    // Shorter than any server's patience (RFC 5321 4.5.3.2: 5 minutes), so no stale connection.
    idleTimeout: 30 * SECOND,
    dnsTimeout: timeout,
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: 2 * timeout,
    // A mail is made of the text it was given: nothing in it can name a file or an address to read.
    disableFileAccess: true,
    disableUrlAccess: true,
  } as const satisfies SMTPPoolOptions;
}
