import type { SMTPPoolOptions, SMTPPoolSentMessageInfo, Transporter } from 'nodemailer';
import type { Config } from '../config.ts';
import { SECOND } from '../kernel/duration.ts';
import { canonicalEmail } from '../kernel/email.ts';
import { errorCode } from '../kernel/errors.ts';
import { isLoopbackHost } from '../kernel/network.ts';
import type { Mailer } from '../kernel/ports.ts';
import { parseSmtpUrl } from '../kernel/smtp-url.ts';
import type { SmtpOAuth } from '../settings/smtp-oauth.ts';
import { MailRefusedError, MailServerUnavailableError } from './errors.ts';
import { createTokenSource } from './oauth-token.ts';
import { explainSmtpFailure } from './smtp-failure.ts';

/** The most time for one send with all its replies. Shorter than the outbox's lease of a minute (F-10). */
const SEND_DEADLINE = 45 * SECOND;

type Transport = Transporter<SMTPPoolSentMessageInfo, SMTPPoolOptions>;

/** The options of an SMTP mailer. */
export type SmtpMailerOptions = {
  /** `smtp://user:password@host:587` or `smtps://…:465`. */
  readonly url: string;
  /** `no-reply@example.com` or `Example <no-reply@example.com>`. */
  readonly from: string;
  /** The name in EHLO. If omitted, nodemailer uses the name of this machine. */
  readonly ehloName?: string;
  /** If set, the user of the URL logs in with access tokens. */
  readonly oauth?: SmtpOAuth | null;
  /** If true, mails may cross the network unencrypted. */
  readonly allowPlain?: boolean;
  readonly connections?: number;
  /** Milliseconds to wait for the server's replies. */
  readonly timeout?: number;
  /** Requests access tokens. */
  readonly fetch?: typeof globalThis.fetch;
  readonly load?: () => Promise<Pick<typeof import('nodemailer'), 'createTransport'>>;
};

/** A mailer that can be verified without a mail. */
export type SmtpMailer = Mailer & {
  /**
   * Connects, encrypts and logs in as for a mail, and disconnects.
   *
   * @throws MailServerUnavailableError with the reason
   */
  verify(): Promise<void>;
};

/**
 * The mailer of a deployment's settings.
 *
 * @throws TypeError without SMTP_URL
 */
export function createConfiguredSmtpMailer(mail: Config['mail']): SmtpMailer {
  const { smtpUrl, smtpOAuth: oauth, concurrency: connections, ...rest } = mail;
  if (smtpUrl === null) throw new TypeError('SMTP_URL is not set.');
  return createSmtpMailer({ ...rest, url: smtpUrl, oauth, connections });
}

/**
 * Creates a mailer that sends to an SMTP server, over connections that are kept for the next mail.
 * nodemailer is loaded with the first mail, so that a development server without SMTP starts without it.
 */
export function createSmtpMailer(options: SmtpMailerOptions): SmtpMailer {
  const { load = () => import('nodemailer') } = options;
  let transport: Promise<Transport> | null = null;

  const make = async (): Promise<Transport> => {
    try {
      const { createTransport } = await load();
      return createTransport(poolOptions(options));
    } catch (error) {
      // The next mail loads it again, after the outbox's pause: a file that could not be opened once
      // must not block all mail until the process ends.
      transport = null;
      throw unavailable(error);
    }
  };
  const connected = (): Promise<Transport> => {
    transport ??= make();
    return transport;
  };

  return {
    async send(mail) {
      // The last check before the network: exactly one address (CVE-2022-35924).
      if (canonicalEmail(mail.to) !== mail.to) {
        throw new MailRefusedError({ permanent: true, reason: 'not one canonical address' });
      }
      const transporter = await connected();
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
    async verify() {
      const transporter = await connected();
      try {
        await transporter.verify();
      } catch (error) {
        throw unavailable(explainSmtpFailure(error));
      }
    },
    close() {
      // The outbox has waited for mails in flight. A mail that is cut off here stays in the outbox.
      transport?.then(
        (transporter) => transporter.close({ force: true }),
        () => undefined,
      );
    },
  };
}

/** Names the system's code, because a message may quote what was sent. */
function unavailable(error: unknown): MailServerUnavailableError {
  if (error instanceof MailServerUnavailableError) return error;
  return new MailServerUnavailableError(errorCode(error) ?? 'no transport');
}

function poolOptions(options: SmtpMailerOptions) {
  const target = parseSmtpUrl(options.url);
  const timeout = options.timeout ?? 10 * SECOND;
  const mayBePlain = !target.isTls && (isLoopbackHost(target.host) || options.allowPlain === true);
  return {
    pool: true,
    host: target.host,
    port: target.port,
    secure: target.isTls,
    ...(options.ehloName === undefined ? {} : { name: options.ehloName }),
    // Links that sign people in must not cross a network unencrypted. A relay on this machine may have them.
    requireTLS: !target.isTls && !mayBePlain,
    // If mails may be unencrypted, encryption without a verified certificate is still better (RFC 7435 3):
    // such relays offer STARTTLS with a self-signed certificate.
    ...(mayBePlain ? { tls: { rejectUnauthorized: false } } : {}),
    ...logIn(options, target, timeout),
    maxConnections: options.connections ?? 8,
    // A mail whose connection broke goes back to the outbox, which pauses before the next attempt.
    maxRequeues: 0,
    // Shorter than any server's timeout (RFC 5321 4.5.3.2: 5 minutes), so that no connection is stale.
    idleTimeout: 30 * SECOND,
    dnsTimeout: timeout,
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: 2 * timeout,
    // No part of a mail can name a file or a URL to read.
    disableFileAccess: true,
    disableUrlAccess: true,
  } as const satisfies SMTPPoolOptions;
}

function logIn(
  { oauth, fetch = globalThis.fetch }: SmtpMailerOptions,
  { user, password }: ReturnType<typeof parseSmtpUrl>,
  timeout: number,
): Pick<SMTPPoolOptions, 'auth'> {
  if (user === null) return {};
  if (!oauth) return { auth: { user, pass: password ?? '' } };
  const accessToken = createTokenSource({ oauth, fetch, now: Date.now, timeout });
  return {
    auth: {
      type: 'OAuth2',
      user,
      provisionCallback(_user, isRefused, done) {
        accessToken(isRefused).then(
          ({ token, expiresAt }) => done(null, token, expiresAt),
          (error: Error) => done(error),
        );
      },
    },
  };
}
