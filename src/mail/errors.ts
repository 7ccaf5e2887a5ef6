/**
 * The mail server answered this mail with no. Carries the reply's numbers alone: a server's words
 * may quote the mail, and with it a link or a code, into the log (DR-1, LO-2).
 */
export class MailRefusedError extends Error {
  override readonly name = 'MailRefusedError';
  /** True when the same mail would be refused again (RFC 5321 4.2.1: a 5yz reply). */
  readonly permanent: boolean;
  readonly reason: string;

  constructor(refusal: { readonly permanent: boolean; readonly reason: string }) {
    super('The mail server refused a mail.');
    this.permanent = refusal.permanent;
    this.reason = refusal.reason;
  }
}

/** The mail server cannot be used now, whichever the mail: away, silent, or refusing us. */
export class MailServerUnavailableError extends Error {
  override readonly name = 'MailServerUnavailableError';
  readonly reason: string;

  constructor(reason: string) {
    super('The mail server is unavailable.');
    this.reason = reason;
  }
}
