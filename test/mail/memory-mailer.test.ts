import { expect, test } from 'vitest';
import type { Log } from '../../src/kernel/ports.ts';
import { createMemoryMailer } from '../../src/mail/memory-mailer.ts';

const mail = (n: number) => ({
  messageId: `<${n}@example.com>`,
  to: `p${n}@example.com`,
  subject: 'Your sign-in code',
  text: `code 0123456${n}`,
  html: `<p>0123456${n}</p>`,
});

test('createMemoryMailer keeps the newest mails, newest first, and logs each without its content', async () => {
  const lines: string[] = [];
  const write = (fields: object, message: string) =>
    void lines.push(`${JSON.stringify(fields)} ${message}`);
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const now = new Date('2026-02-03T04:05:06.789Z');
  const mailer = createMemoryMailer({ log, clock: { now: () => now }, capacity: 2 });
  for (const n of [1, 2, 3]) await mailer.send(mail(n));
  expect(mailer.list()).toEqual([
    { ...mail(3), receivedAt: now },
    { ...mail(2), receivedAt: now },
  ]);
  expect(lines).toHaveLength(3);
  expect(lines[0]).toContain('p1@example.com');
  expect(lines[0]).toContain('Your sign-in code');
  expect(lines.join()).not.toContain('0123456');
});
