import { describe, expect, test } from 'vitest';
import { english } from '../../src/mail/language/en.ts';
import type { MailMessage } from '../../src/mail/messages.ts';
import { renderMail } from '../../src/mail/render.ts';
import { MESSAGES, SAMPLES } from './samples.ts';

const now = new Date('2026-02-03T04:05:06.789Z');
const style = { appName: 'Example', language: english, now };
const render = (message: MailMessage) => renderMail(message, style);

describe('renderMail', () => {
  test.each(MESSAGES.map((message) => [message.template, message] as const))('%s', (_, message) => {
    const { subject, text, html } = render(message);
    expect(`Subject: ${subject}\n\n${text}\n${html}`).toMatchSnapshot();
  });

  test('puts neither a code nor a line break into a subject', () => {
    for (const message of MESSAGES) {
      const { subject } = render(message);
      expect(subject).not.toMatch(/[\r\n\p{C}]/u);
      expect(subject).not.toContain('01234567');
    }
  });

  test('puts the link and the code of a proof into both text and HTML', () => {
    const { url, code } = SAMPLES['reset-password'];
    const { text, html } = render(SAMPLES['reset-password']);
    expect(text.split('\n')).toEqual(expect.arrayContaining([url, code]));
    expect(html).toContain(`href="${url}"`);
    expect(html).toContain(`>${code}<`);
  });

  test('leaves out an expired code, and keeps the link', () => {
    const message = { ...SAMPLES['verify-email'], codeExpiresAt: now };
    const { text, html } = render(message);
    for (const body of [text, html]) {
      expect(body).not.toContain(message.code);
      expect(body).toContain('token=abc_DEF-1');
    }
  });
});

describe("a stranger's text in a mail", () => {
  const markup = '"><img src=x onerror=alert(1)><a href="https://evil.example">';

  test('is escaped everywhere in HTML (CVE-2022-31127)', () => {
    const { html } = render({
      ...SAMPLES['identity-linked'],
      provider: markup,
    });
    expect(html).not.toContain('<img');
    expect(html).not.toContain('href="https://evil.example"');
    expect(html.split('&lt;img src=x').length - 1).toBe(3);
    const link = render({ ...SAMPLES['verify-email'], url: `https://a.example/?t=${markup}` });
    expect(link.html).not.toContain('<img');
  });

  test.each([
    'https://evil.example',
    'evil.example',
    'Click evil．example',
    'www.evil.example now',
    'mailto:a',
    'Ada\r\nBcc: v@victim.example',
    'Ada\nYou won',
    '<b>Ada</b>',
    'A'.repeat(41),
    '+44 900 123456',
    '\u202Eada',
  ])('is no greeting: %j', (name) => {
    const { text, html } = render({ ...SAMPLES['verify-email'], name });
    expect(text).toContain('Hello, confirm');
    expect(html).toContain('Hello, confirm');
  });

  test.each(['Ada', "Grace O'Hopper", 'J. R. Śmith-Ng', 'Жанна', '李小龙', 'नरेंद्र'])(
    'is a greeting: %s',
    (name) => {
      expect(render({ ...SAMPLES['verify-email'], name }).text).toContain(`Hello ${name},`);
    },
  );

  test('is never included from a User-Agent or an address field', () => {
    for (const message of MESSAGES) {
      if (!('from' in message)) continue;
      const from = {
        ipAddress: 'call 0900 evil.example',
        userAgent: 'Firefox/1 your account is locked, see https://evil.example (Linux)',
      };
      const { text, html } = render({ ...message, from });
      expect(text + html).not.toContain('evil');
      expect(text).toContain('an unknown IP address with Firefox on Linux');
    }
  });

  test('is masked in the address of a change', () => {
    const newEmail = 'www.evil.example/help@example.org';
    const { text, html } = render({ ...SAMPLES['email-changed'], newEmail });
    expect(text).toContain(' w…@example.org ');
    expect(text + html).not.toContain('evil');
  });
});
