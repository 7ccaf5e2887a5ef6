/** Advice for a mail server that cannot be used, by the text of its failure (smtp-failure.ts). */
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
