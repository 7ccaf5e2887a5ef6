import { isIP, isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';

/** A mail server, as SMTP_URL names it. */
export type SmtpTarget = {
  /** True for TLS from the first byte (`smtps:`), false for STARTTLS (`smtp:`). */
  readonly isTls: boolean;
  /** A name in ASCII, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly user: string | null;
  readonly password: string | null;
};

/** Describes what is wrong with an SMTP_URL, in a sentence without any of its values (CF-1). */
export class SmtpUrlError extends Error {
  override readonly name = 'SmtpUrlError';
}

const HOW_TO_ESCAPE =
  'in a user name or a password # is written %23, @ is written %40, / is written %2F, ? is written %3F, : is written %3A';

/** Submission over TLS and submission with STARTTLS (RFC 8314 3.3, RFC 6409 3.1); relays. */
const PORTS = { implicitTls: 465, submission: 587, relay: 25 } as const;

/**
 * Parses the URL of a mail server. Every mistake is reported when the settings are read. A mail transport would
 * accept a wrong URL and fail only when the first person waits for a mail.
 *
 * @throws SmtpUrlError for a URL that cannot be parsed or honored
 */
export function parseSmtpUrl(text: string): SmtpTarget {
  const [, scheme = '', authority = '', rest = ''] = split(text);
  const isTls = scheme.toLowerCase() === 'smtps';
  const at = authority.lastIndexOf('@');
  if (authority.indexOf('@') !== at) {
    throw new SmtpUrlError(`has more than one @ before the host: ${HOW_TO_ESCAPE}`);
  }
  const { host, port } = splitHost(authority.slice(at + 1));
  refuseRest(rest);
  return {
    isTls,
    host: readHost(host),
    port: readPort(port, isTls),
    ...readCredentials(at < 0 ? null : authority.slice(0, at)),
  };
}

/**
 * The name for the SMTP greeting (RFC 5321 4.1.1.1): a domain name in ASCII, or an address literal such as
 * `[192.0.2.1]` or `[IPv6:2001:db8::1]`.
 *
 * @returns null for any other text
 */
export function ehloName(text: string): string | null {
  const [, literal] = /^\[(?:IPv6:)?(.*)\]$/i.exec(text) ?? [];
  const address = literal ?? text;
  if (isIPv4(address)) return `[${address}]`;
  if (isIPv6(address) && !address.includes('%')) return `[IPv6:${address}]`;
  return literal === undefined ? domainName(text) : null;
}

function split(text: string): RegExpExecArray {
  if (!/^smtps?:\/\//i.test(text)) {
    throw new SmtpUrlError('must be an smtp:// or smtps:// URL');
  }
  if (text.includes('#')) throw new SmtpUrlError(`has a #: ${HOW_TO_ESCAPE}`);
  if (/[\s\p{C}]/u.test(text)) {
    throw new SmtpUrlError('has white space in it: a space is written %20');
  }
  if (/%(?![0-9a-f]{2})/i.test(text)) {
    throw new SmtpUrlError('has a % that starts no escape: % itself is written %25');
  }
  const parts = /^(smtps?):\/\/([^/?\\]*)(.*)$/i.exec(text);
  if (!parts || /@/.test(parts[3] ?? '')) {
    throw new SmtpUrlError(`cannot be taken apart: ${HOW_TO_ESCAPE}`);
  }
  return parts;
}

/** Nothing after the host has an effect, so text that looks like an option is rejected. */
function refuseRest(rest: string): void {
  const [, path = '', query] = /^([^?]*)(?:\?(.*))?$/.exec(rest) ?? [];
  if (path !== '' && path !== '/') throw new SmtpUrlError('must have no path');
  if (query === undefined || query === '') return;
  const [name = ''] = query.split(/[=&]/);
  // Text that is not a plain name may be a piece of a password.
  const named = /^[a-z_.-]{1,40}$/i.test(name) ? `: ${name}` : '';
  throw new SmtpUrlError(
    `has a parameter, and knows none${named}; smtps:// is TLS from the first byte, smtp:// is STARTTLS, SMTP_ALLOW_PLAIN allows neither`,
  );
}

function splitHost(text: string): { readonly host: string; readonly port: string | null } {
  const [, inBrackets, plain, port] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::([^:]*))?$/.exec(text) ?? [];
  if (inBrackets === undefined && plain === undefined) {
    throw new SmtpUrlError(
      `has a host that cannot be read: an IPv6 address is written in brackets, and ${HOW_TO_ESCAPE}`,
    );
  }
  // A zone (`%eth0`) is local to one machine, and no certificate names it.
  if (inBrackets !== undefined && (!isIPv6(inBrackets) || inBrackets.includes('%'))) {
    throw new SmtpUrlError('has something in brackets that is not an IPv6 address');
  }
  return { host: inBrackets ?? plain ?? '', port: port ?? null };
}

function readHost(text: string): string {
  if (text === '') throw new SmtpUrlError('must name a host, as in smtp://mail.example.com:587');
  if (isIP(text) !== 0) return text;
  const name = domainName(text);
  if (name === null) {
    throw new SmtpUrlError('has a host that is neither a name nor an address');
  }
  return name;
}

/** Letters, digits and hyphens. Underscores too, because container networks use them. */
function domainName(text: string): string | null {
  // These characters have a meaning in the URL parser behind domainToASCII, which also drops tabs and line
  // breaks.
  const name = /[\s\p{Cc}%/?#@:[\]\\]/u.test(text) ? '' : domainToASCII(text);
  const labels = name.replace(/\.$/, '').split('.');
  const isName =
    name.length <= 253 &&
    labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));
  return isName ? labels.join('.') : null;
}

function readPort(text: string | null, isTls: boolean): number {
  if (text === null) return isTls ? PORTS.implicitTls : PORTS.submission;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) {
    throw new SmtpUrlError(`must have a port from 1 to 65535; ${HOW_TO_ESCAPE}`);
  }
  // Otherwise each side would wait for the other to speak first, until one of them gives up.
  if (!isTls && port === PORTS.implicitTls) {
    throw new SmtpUrlError('must be smtps:// for port 465, which is TLS from the first byte');
  }
  if (isTls && (port === PORTS.submission || port === PORTS.relay)) {
    throw new SmtpUrlError(`must be smtp:// for port ${port}, which is STARTTLS`);
  }
  return port;
}

function readCredentials(text: string | null): Pick<SmtpTarget, 'user' | 'password'> {
  if (text === null) return { user: null, password: null };
  const colon = text.indexOf(':');
  const user = decode(colon < 0 ? text : text.slice(0, colon)) || null;
  const password = decode(colon < 0 ? '' : text.slice(colon + 1)) || null;
  if (user === null) throw new SmtpUrlError('has an @ without a user name before it');
  return { user, password };
}

function decode(part: string): string {
  let text: string;
  try {
    text = decodeURIComponent(part);
  } catch {
    throw new SmtpUrlError('has %-escapes that are not UTF-8: % itself is written %25');
  }
  // SASL separates user and password with NUL, and line breaks end commands (RFC 4616 2).
  if (/\p{Cc}/u.test(text))
    throw new SmtpUrlError('has a control character in its user or password');
  return text;
}
