import * as z from 'zod';
import { MailRefusedError, MailServerUnavailableError } from './errors.ts';

/** The members of nodemailer's error that this server reads. */
const failure = z.object({
  code: z.string().optional().catch(undefined),
  originalCode: z.string().optional().catch(undefined),
  command: z.string().optional().catch(undefined),
  responseCode: z.number().optional().catch(undefined),
  response: z.string().optional().catch(undefined),
});

/** The reply of a server that is closing the connection, to any command (RFC 5321 3.8). */
const CLOSING = 421;

/** The commands whose reply is about the mail: its recipient and its content. */
const ABOUT_THE_MAIL: ReadonlySet<string | undefined> = new Set(['RCPT TO', 'DATA']);

/**
 * The recipient's address needs SMTPUTF8, which the server does not support. The server replies so at
 * MAIL FROM, where a client declares the need (RFC 6531 3.5, RFC 5248).
 */
const ADDRESS_NOT_ASCII = '5.6.7';

/**
 * Distinguishes the refusal of one mail from a server that cannot be used. Only a refusal counts as an
 * attempt of the mail. Only an unavailable server makes the outbox pause; otherwise anyone could stop
 * all mail by signing up with addresses that are refused.
 *
 * @returns a MailRefusedError, a MailServerUnavailableError, or the error itself if it is neither
 */
export function explainSmtpFailure(error: unknown): unknown {
  const parsed = failure.safeParse(error);
  if (!parsed.success) return error;
  const { code, originalCode, command, responseCode, response } = parsed.data;
  const detail = /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(response ?? '')?.[0];
  const aboutTheMail =
    ABOUT_THE_MAIL.has(command) || (command === 'MAIL FROM' && detail === ADDRESS_NOT_ASCII);
  if (responseCode && responseCode !== CLOSING && aboutTheMail) {
    // 503: commands came out of sequence, which a new connection repairs.
    const permanent = responseCode >= 500 && responseCode !== 503;
    const reason = [responseCode, detail, command].filter(Boolean).join(' ');
    return new MailRefusedError({ permanent, reason });
  }
  if (!code) return error;
  const reason = [originalCode ?? code, responseCode, command].filter(Boolean).join(' ');
  return new MailServerUnavailableError(reason);
}

/** Advice for a mail server that cannot be used, by the text of its failure. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /\bETLS\b/,
    'it does not offer encryption, or its certificate is not trusted: use a host name that its certificate contains, use smtps://, or set SMTP_ALLOW_PLAIN for a relay in your own network',
  ],
  [
    /\b(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT)/,
    'its certificate is not trusted: use a host name that the certificate contains, and trust its certificate authority (NODE_EXTRA_CA_CERTS)',
  ],
  [
    /\b(EAUTH|EOAUTH2|ENOAUTH|53[0458])\b/,
    'it rejects the login: check the user name and password in SMTP_URL',
  ],
  [/\bECONNREFUSED\b/, 'nothing listens there: check the host and port in SMTP_URL'],
  [
    /\b(ENOTFOUND|EAI_AGAIN|EDNS)\b/,
    'its name does not resolve: check the host in SMTP_URL, and DNS',
  ],
  [
    /\b(ETIMEDOUT|ETIME|EHOSTUNREACH|ENETUNREACH)\b/,
    'it does not answer in time: check the host and port in SMTP_URL, and whether this network allows outgoing mail (port 25 is often blocked)',
  ],
  [
    /\b(ESOCKET|ECONNECTION|ECONNRESET|EPIPE|EPROTOCOL|ERR_SSL_)/,
    'it closes the connection: smtps:// is for TLS from the first byte (port 465), smtp:// for STARTTLS (587)',
  ],
  [/\b421\b/, 'it accepts no connections at the moment: try again later, or ask its operator'],
];

/** A sentence for an operator. */
export function adviceForMailServer(reason: string): string {
  const advice = ADVICE.find(([words]) => words.test(reason))?.[1];
  return advice ?? 'look at the log of the mail server';
}
