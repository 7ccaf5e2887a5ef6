import { isIP } from 'node:net';
import { isVisible } from '../kernel/unicode.ts';
import { isolate } from './isolate.ts';

/**
 * A name to greet with, isolated, or null when it is no plain name. A mail to an address nobody has proven
 * carries what a stranger typed: with `/`, `:` or a dot inside a word in it, a mail program would
 * make a link of it, and this server would be sending the stranger's spam.
 */
export function plainName(name: string | null): string | null {
  const trimmed = name?.normalize('NFC').trim() ?? '';
  const isPlain = /^\p{L}(?:[\p{L}\p{M} '’-]|\.(?= |$)){0,39}$/u.test(trimmed);
  return isPlain && isVisible(trimmed) ? isolate(trimmed) : null;
}

/** An address, isolated, as its owner can recognize it and nobody else can read it: `b…@example.com`. */
export function maskedEmail(email: string): string {
  const at = email.lastIndexOf('@');
  const [first = ''] = email;
  return isolate(`${at > 0 ? first : ''}…${email.slice(at)}`);
}

/** The text when it is an IP address, else null. */
export function plainIpAddress(text: string | null): string | null {
  return text !== null && isIP(text) !== 0 ? text : null;
}
