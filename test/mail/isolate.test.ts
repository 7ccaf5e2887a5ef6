import { describe, expect, test } from 'vitest';
import { english } from '../../src/mail/language/en.ts';
import type { MailMessage } from '../../src/mail/messages.ts';
import { renderMail } from '../../src/mail/render.ts';
import { MESSAGES, SAMPLES } from './samples.ts';

const now = new Date('2026-02-03T04:05:06.789Z');

/** Texts that move their surroundings unless they are isolated. */
const HOSTILE = [
  'דוד',
  'علی 5',
  '\u202Emoc.live',
  '\u2069\u202Emoc.live',
  '\u2067\u2067דוד',
  '\u2068Ada',
];
const REORDERS = /[\u0590-\u08FF\u202A-\u202E\u2066-\u2069]/u;

/** Fields whose values this server makes. */
const OWN_FIELDS: ReadonlySet<string> = new Set(['template', 'url', 'code', 'method']);

/** The message with every text that somebody else chose replaced. */
function filledWith(message: MailMessage, text: string): MailMessage {
  const others = Object.entries(message).filter(
    ([field, value]) => typeof value === 'string' && !OWN_FIELDS.has(field),
  );
  const address = `${text}@example.org`;
  return Object.assign(
    {},
    message,
    Object.fromEntries(others.map(([field]) => [field, /email/i.test(field) ? address : text])),
  );
}

/** Fails unless every character that reorders stands inside a pair of isolating characters. */
function expectIsolated(text: string): void {
  expect(text.replace(/\u2068[^\u202A-\u202E\u2066-\u2069]*\u2069/gu, '')).not.toMatch(REORDERS);
}

describe.each(MESSAGES.map((message) => [message.template, message] as const))(
  'LG-12: in the mail %s',
  (_template, message) => {
    test.each(HOSTILE)('a text of another person reorders nothing beside it: %j', (text) => {
      const {
        subject,
        text: plain,
        html,
      } = renderMail(filledWith(message, text), {
        appName: text,
        language: english,
        now,
      });
      expectIsolated(subject);
      expectIsolated(plain);
      const [head = '', body = ''] = html.split('</head>');
      expectIsolated(head);
      expect(body.replace(/<bdi>[^<\u202A-\u202E\u2066-\u2069]*<\/bdi>/gu, '')).not.toMatch(
        REORDERS,
      );
    });
  },
);

test('LG-12: left-to-right text is mailed without isolating characters, which some programs draw as boxes', () => {
  for (const message of MESSAGES) {
    const { subject, text } = renderMail(message, { appName: 'Example', language: english, now });
    expect(subject + text).not.toMatch(/[\u2066-\u2069]/u);
  }
});

test('LG-12: a name in another script is isolated in the greeting', () => {
  const message = { ...SAMPLES['verify-email'], name: 'דוד' };
  const { text, html } = renderMail(message, { appName: 'Example', language: english, now });
  expect(text).toContain('Hello \u2068דוד\u2069, confirm');
  expect(html).toContain('Hello <bdi>דוד</bdi>, confirm');
});

test('LG-12: an invisible name is left out of the greeting', () => {
  const message = { ...SAMPLES['verify-email'], name: '\u3164' };
  const { text } = renderMail(message, { appName: 'Example', language: english, now });
  expect(text).toContain('Hello, confirm');
});
