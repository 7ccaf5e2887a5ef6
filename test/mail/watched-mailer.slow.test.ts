import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import type { Log, Mail } from '../../src/kernel/ports.ts';
import { createSmtpMailer } from '../../src/mail/smtp-mailer.ts';
import { type WatchedMailer, watchMailer } from '../../src/mail/watched-mailer.ts';
import { PRODUCTION } from '../config/environments.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { createSmtpSink, type SmtpSink } from '../support/smtp-sink.ts';

let sink: SmtpSink;
let mailer: WatchedMailer;
let lines: (readonly [string, unknown])[];

const log: Log = {
  debug: () => undefined,
  info: ({ milliseconds }, message) => void lines.push([message, typeof milliseconds]),
  warn: ({ reason }, message) => void lines.push([message, reason]),
  error: (_, message) => void lines.push([message, null]),
};

const mailTo = (to: string): Mail => ({
  messageId: `<${to}>`,
  to,
  subject: 'A mail',
  text: 'plain',
  html: '<p>rich</p>',
});
const send = () => mailer.send(mailTo('ada@example.com')).catch(() => undefined);

beforeEach(async () => {
  lines = [];
  sink = await createSmtpSink();
  const smtp = createSmtpMailer({ url: sink.url, from: 'no-reply@example.com', timeout: 300 });
  mailer = watchMailer(smtp, log);
});
afterEach(async () => {
  mailer.close();
  await sink.stop();
});

const AWAY = ['mail server unavailable', 'ECONNREFUSED CONN'] as const;
const BACK = ['mail server available again', 'number'] as const;

test('O-20: an outage is logged once, however many mails it fails, and so is its end', async () => {
  await sink.stop();
  await Promise.all(Array.from({ length: 20 }, send));
  expect(lines).toEqual([AWAY]);
  await sink.start();
  await Promise.all(Array.from({ length: 5 }, send));
  expect(lines).toEqual([AWAY, BACK]);
  await sink.stop();
  await send();
  expect(lines.slice(2)).toEqual([['mail server unavailable', expect.stringMatching(/^ECONN/)]]);
});

test('O-20: another reason is logged again', async () => {
  sink.mode = { kind: 'black-hole' };
  await send();
  await send();
  await sink.stop();
  await send();
  await send();
  expect(lines).toEqual([['mail server unavailable', expect.stringMatching(/^ETIMEDOUT/)], AWAY]);
});

test('O-20: a refused mail is not logged as an outage', async () => {
  sink.mode = { kind: 'refuse', command: 'RCPT', reply: '550 5.1.1 nobody here' };
  await expect(mailer.send(mailTo('ada@example.com'))).rejects.toThrow('refused a mail');
  expect(lines).toEqual([]);
});

test('O-20: checkServer reports a wrong server before the first mail, and sends none to a right one', async () => {
  await mailer.checkServer();
  expect(lines).toEqual([]);
  expect(sink.connections).toBe(1);
  expect(sink.mails).toEqual([]);
  await sink.stop();
  await mailer.checkServer();
  await send();
  expect(lines).toEqual([AWAY]);
});

test('O-20: the server starts while its mail server is unavailable, and logs the outage', async () => {
  const database = await createTestDatabase();
  const env = { NODE_ENV: 'test', DATABASE_URL: database.url, SMTP_URL: 'smtp://127.0.0.1:1' };
  const app = await createApp(loadConfig({ ...env, SECRET_KEYS: PRODUCTION.SECRET_KEYS }), log);
  await vi.waitFor(() => expect(lines).toContainEqual(AWAY), 15_000);
  await app.close();
  await database.drop();
  expect(lines.filter(([message]) => message === AWAY[0])).toHaveLength(1);
});

test('a connection that close() cuts off is not logged', async () => {
  sink.mode = { kind: 'black-hole' };
  const tried = mailer.checkServer();
  await vi.waitFor(() => expect(sink.connections).toBe(1));
  mailer.close();
  await tried;
  expect(lines).toEqual([]);
});
