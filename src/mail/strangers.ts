import { isIP } from 'node:net';
import { isVisible } from '../kernel/unicode.ts';
import { isolate } from './isolate.ts';

/**
 * A name for the greeting, isolated; null if it is no plain name. A mail to an unverified address
 * contains a name that a stranger may have typed. With `/`, `:` or a dot inside a word, a mail program
 * would turn the name into a link, and this server would send the stranger's spam.
 */
export function plainName(name: string | null): string | null {
  const trimmed = name?.normalize('NFC').trim() ?? '';
  const isPlain = /^\p{L}(?:[\p{L}\p{M} '’-]|\.(?= |$)){0,39}$/u.test(trimmed);
  return isPlain && isVisible(trimmed) ? isolate(trimmed) : null;
}

/**
 * The name of a passkey, isolated; null if it is no plain name. An account with an unverified address can cause
 * the mail, too, so the same holds as for {@link plainName}. More than four digits may be a telephone number.
 */
export function plainLabel(label: string | null): string | null {
  const trimmed = label?.normalize('NFC').trim() ?? '';
  const isPlain = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N} '’(),+-]|\.(?= |$)){0,59}$/u.test(trimmed);
  const digits = trimmed.match(/\p{N}/gu)?.length ?? 0;
  return isPlain && digits <= 4 && isVisible(trimmed) ? isolate(trimmed) : null;
}

/** An address, isolated and masked: its owner recognizes it, and nobody else can read it. `b…@example.com` */
export function maskedEmail(email: string): string {
  const at = email.lastIndexOf('@');
  const [first = ''] = email;
  return isolate(`${at > 0 ? first : ''}…${email.slice(at)}`);
}

/** The text if it is an IP address; null otherwise. */
export function plainIpAddress(text: string | null): string | null {
  return text !== null && isIP(text) !== 0 ? text : null;
}
