/**
 * The mail server refused one mail. The reason holds only the numbers of the reply: its text may quote
 * the mail, and a link or a code would end up in the log (DR-1, LO-2).
 */
export class MailRefusedError extends Error {
  override readonly name = 'MailRefusedError';
  /** True if the same mail would be refused again (RFC 5321 4.2.1: a 5yz reply). */
  readonly permanent: boolean;
  readonly reason: string;

  constructor(refusal: { readonly permanent: boolean; readonly reason: string }) {
    super('The mail server refused a mail.');
    this.permanent = refusal.permanent;
    this.reason = refusal.reason;
  }
}

/** The mail server cannot be used for any mail: it does not answer, or refuses the connection or the log-in. */
export class MailServerUnavailableError extends Error {
  override readonly name = 'MailServerUnavailableError';
  readonly reason: string;

  constructor(reason: string) {
    super('The mail server is unavailable.');
    this.reason = reason;
  }
}
