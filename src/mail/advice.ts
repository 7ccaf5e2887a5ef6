/** What to do about a mail server that cannot be used, by the words of its failure (smtp-failure.ts). */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /\bETLS\b/,
    'it does not encrypt, or its certificate is not trusted here: name it by a name its certificate has, use smtps://, or set SMTP_ALLOW_PLAIN for a relay in a network of your own',
  ],
  [
    /\b(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT)/,
    'its certificate is not trusted here: name the server by a name its certificate has, and trust its authority (NODE_EXTRA_CA_CERTS)',
  ],
  [
    /\b(EAUTH|EOAUTH2|ENOAUTH|53[0458])\b/,
    'it refuses the log-in: check user name and password in SMTP_URL',
  ],
  [/\bECONNREFUSED\b/, 'nothing listens there: check host and port in SMTP_URL'],
  [
    /\b(ENOTFOUND|EAI_AGAIN|EDNS)\b/,
    'its name has no address: check the host in SMTP_URL, and the name service',
  ],
  [
    /\b(ETIMEDOUT|ETIME|EHOSTUNREACH|ENETUNREACH)\b/,
    'it does not answer in time: check host and port in SMTP_URL, and whether this network lets mail out (port 25 is often closed)',
  ],
  [
    /\b(ESOCKET|ECONNECTION|ECONNRESET|EPIPE|EPROTOCOL|ERR_SSL_)/,
    'it ends the connection: smtps:// is for TLS from the first byte (port 465), smtp:// for STARTTLS (587)',
  ],
  [/\b421\b/, 'it takes no connections now: try again later, or ask its operator'],
];

/** A sentence for an operator. */
export function adviceForMailServer(reason: string): string {
  const advice = ADVICE.find(([words]) => words.test(reason))?.[1];
  return advice ?? 'look into the log of the mail server';
}
