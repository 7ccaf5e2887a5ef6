import { isIP } from 'node:net';

/**
 * A name to greet with, or null when it is no plain name. A mail to an address nobody has proven
 * carries what a stranger typed: with `/`, `:` or a dot inside a word in it, a mail program would
 * make a link of it, and this server would be sending the stranger's spam.
 */
export function plainName(name: string | null): string | null {
  const trimmed = name?.normalize('NFC').trim() ?? '';
  return /^\p{L}(?:[\p{L}\p{M} '’-]|\.(?= |$)){0,39}$/u.test(trimmed) ? trimmed : null;
}

/** An address as its owner can recognise it and nobody else can read it: `b…@example.com`. */
export function maskedEmail(email: string): string {
  const at = email.lastIndexOf('@');
  const [first = ''] = email;
  return `${at > 0 ? first : ''}…${email.slice(at)}`;
}

/** The text when it is an IP address, else null. */
export function plainIpAddress(text: string | null): string | null {
  return text !== null && isIP(text) !== 0 ? text : null;
}
