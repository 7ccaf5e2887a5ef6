import { expect, test } from 'vitest';
import { ehloName, parseSmtpUrl, SmtpUrlError } from '../../src/kernel/smtp-url.ts';

const CANARY = 'cAnArY7351';
const target = (changes: object) => ({
  isTls: false,
  host: 'mail.example',
  port: 587,
  user: null,
  password: null,
  ...changes,
});

test.each([
  ['smtp://mail.example', {}],
  ['SMTP://Mail.Example:2525/', { port: 2525 }],
  ['smtp://mail.example:25', { port: 25 }],
  ['smtps://mail.example', { isTls: true, port: 465 }],
  ['smtps://mail.example:8465?', { isTls: true, port: 8465 }],
  ['smtp://user:100%25pass@mail.example:587', { user: 'user', password: '100%pass' }],
  [
    'smtp://a%40b.example:p%23%2F%3F%3A%40%20s@mail.example',
    { user: 'a@b.example', password: 'p#/?:@ s' },
  ],
  ['smtp://user:a:b!$&*+=@mail.example', { user: 'user', password: 'a:b!$&*+=' }],
  ['smtp://user@mail.example', { user: 'user' }],
  ['smtp://us%C3%A9r:p%C3%A4ss@mail.example', { user: 'usér', password: 'päss' }],
  ['smtp://user:päss@mail.example', { user: 'user', password: 'päss' }],
  ['smtp://[::1]:1025', { host: '::1', port: 1025 }],
  ['smtp://[2001:db8::25]', { host: '2001:db8::25' }],
  ['smtp://u:p@[::1]', { host: '::1', user: 'u', password: 'p' }],
  ['smtp://192.0.2.25:25', { host: '192.0.2.25', port: 25 }],
  ['smtp://bücher.example', { host: 'xn--bcher-kva.example' }],
  ['smtp://日本語.example:25', { host: 'xn--wgv71a119e.example', port: 25 }],
  ['smtp://mail.example.', {}],
  ['smtp://mail_relay:1025', { host: 'mail_relay', port: 1025 }],
  ['smtp://localhost', { host: 'localhost' }],
])('CF-12: SMTP_URL is parsed: %s', (url, expected) => {
  expect(parseSmtpUrl(url)).toEqual(target(expected));
});

test.each([
  [`http://${CANARY}@mail.example`, 'must be an smtp:// or smtps:// URL'],
  [`${CANARY}.example:25`, 'must be an smtp:// or smtps:// URL'],
  [`smtp:${CANARY}`, 'must be an smtp:// or smtps:// URL'],
  [
    `smtp://user:100%p${CANARY}@mail.example:587`,
    /% that starts no escape: % itself is written %25/,
  ],
  [`smtp://user:%ff${CANARY}@mail.example`, /not UTF-8/],
  [`smtp://user:a#${CANARY}@mail.example`, /has a #: .*written %23/],
  [`smtp://user:a@${CANARY}@mail.example`, /more than one @.*written %40/],
  [`smtp://user:a/${CANARY}@mail.example`, /cannot be taken apart.*written %2F/],
  [`smtp://user:a?${CANARY}@mail.example`, /cannot be taken apart.*written %3F/],
  [`smtp://user:a\\${CANARY}@mail.example`, /cannot be taken apart/],
  [`smtp://user:a ${CANARY}@mail.example`, /white space.*written %20/],
  [`smtp://user:a%0d${CANARY}@mail.example`, /control character/],
  [`smtp://user%00${CANARY}:x@mail.example`, /control character/],
  [`smtp://:${CANARY}@mail.example`, /without a user name/],
  ['smtp://@mail.example', /without a user name/],
  ['smtp://', /must name a host/],
  [`smtp://user:${CANARY}@`, /must name a host/],
  [`smtp://user:${CANARY}@:587`, /must name a host/],
  ['smtp://::1', /IPv6 address is written in brackets/],
  ['smtp://2001:db8::25:587', /IPv6 address is written in brackets/],
  ['smtp://[mail.example]', /brackets that is not an IPv6 address/],
  ['smtp://[fe80::1%25eth0]', /brackets that is not an IPv6 address/],
  [`smtp://${CANARY}..example`, /neither a name nor an address/],
  [`smtp://-${CANARY}.example`, /neither a name nor an address/],
  ['smtp://1.2.3.999', /neither a name nor an address/],
  [`smtp://mail%2E${CANARY}`, /neither a name nor an address/],
  [`smtp://${'a'.repeat(64)}.example`, /neither a name nor an address/],
  ['smtp://mail.example:', /port from 1 to 65535/],
  ['smtp://mail.example:0', /port from 1 to 65535/],
  ['smtp://mail.example:65536', /port from 1 to 65535/],
  [`smtp://mail.example:${CANARY}`, /port from 1 to 65535/],
  ['smtp://mail.example:465', /must be smtps:\/\/ for port 465/],
  ['smtps://mail.example:587', /must be smtp:\/\/ for port 587/],
  ['smtps://mail.example:25', /must be smtp:\/\/ for port 25/],
  [`smtp://mail.example/${CANARY}`, 'must have no path'],
  [`smtp://mail.example?requireTLS=${CANARY}`, /knows none: requireTLS; smtps/],
  [`smtp://mail.example?tls.rejectUnauthorized=${CANARY}`, /knows none: tls.rejectUnauthorized/],
  [`smtp://mail.example?${CANARY}`, /knows none; smtps/],
])('CF-12: SMTP_URL is refused: %s', (url, rule) => {
  let refusal: unknown;
  try {
    parseSmtpUrl(url);
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(SmtpUrlError);
  const message = refusal instanceof Error ? refusal.message : '';
  if (typeof rule === 'string') expect(message).toBe(rule);
  else expect(message).toMatch(rule);
  expect(message).not.toContain(CANARY);
});

test.each([
  ['auth.example.com', 'auth.example.com'],
  ['Auth.Example.com.', 'auth.example.com'],
  ['anmeldung.bücher.example', 'anmeldung.xn--bcher-kva.example'],
  ['localhost', 'localhost'],
  ['192.0.2.1', '[192.0.2.1]'],
  ['[192.0.2.1]', '[192.0.2.1]'],
  ['2001:db8::1', '[IPv6:2001:db8::1]'],
  ['[2001:db8::1]', '[IPv6:2001:db8::1]'],
  ['[IPv6:2001:db8::1]', '[IPv6:2001:db8::1]'],
  ['auth.example.com\r\nMAIL FROM:<a@b>', null],
  ['auth.example\r\n.com', null],
  ['auth.exam\tple.com', null],
  ['auth example', null],
  ['https://auth.example.com', null],
  ['[auth.example.com]', null],
  ['', null],
])('CF-12: the greeting for %j is %j', (text, expected) => {
  expect(ehloName(text)).toBe(expected);
});
