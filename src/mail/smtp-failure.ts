import * as z from 'zod';
import { MailRefusedError, MailServerUnavailableError } from './errors.ts';

/** What nodemailer says of a failure, without the server's words. */
const failure = z.object({
  code: z.string().optional().catch(undefined),
  originalCode: z.string().optional().catch(undefined),
  command: z.string().optional().catch(undefined),
  responseCode: z.number().optional().catch(undefined),
  response: z.string().optional().catch(undefined),
});

/** A server that is closing, whatever was asked of it (RFC 5321 3.8). */
const CLOSING = 421;

/** The commands whose answer is about this mail: its recipient and its content. */
const ABOUT_THE_MAIL: ReadonlySet<string | undefined> = new Set(['RCPT TO', 'DATA']);

/**
 * The address needs SMTPUTF8 and the server does without: said at MAIL FROM, where the need is
 * declared, but about the recipient (RFC 6531 3.5, RFC 5248).
 */
const ADDRESS_NOT_ASCII = '5.6.7';

/**
 * Tells a refusal of one mail from a server nobody can use. Only the former is held against the
 * mail; only the latter makes the outbox pause, or else anyone could stop all mail by signing up
 * with addresses that are refused.
 *
 * @returns a MailRefusedError, a MailServerUnavailableError, or what was given when it is neither
 */
export function explainSmtpFailure(error: unknown): unknown {
  const parsed = failure.safeParse(error);
  if (!parsed.success) return error;
  const { code, originalCode, command, responseCode, response } = parsed.data;
  const detail = /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(response ?? '')?.[0];
  const aboutTheMail =
    ABOUT_THE_MAIL.has(command) || (command === 'MAIL FROM' && detail === ADDRESS_NOT_ASCII);
  if (responseCode && responseCode !== CLOSING && aboutTheMail) {
    // 503: our session was out of step, which a new connection cures.
    const permanent = responseCode >= 500 && responseCode !== 503;
    const reason = [responseCode, detail, command].filter(Boolean).join(' ');
    return new MailRefusedError({ permanent, reason });
  }
  if (!code) return error;
  const reason = [originalCode ?? code, responseCode, command].filter(Boolean).join(' ');
  return new MailServerUnavailableError(reason);
}
