import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Mail, Mailer } from '../../src/kernel/ports.ts';
import { MailRefusedError, MailServerUnavailableError } from '../../src/mail/errors.ts';
import { createSmtpMailer } from '../../src/mail/smtp-mailer.ts';
import { createSmtpSink, type SmtpSink } from '../support/smtp-sink.ts';

let sink: SmtpSink;
let mailer: Mailer;

const FROM = 'Example <no-reply@example.com>';
const mail: Mail = {
  messageId: '<01-02@auth.example.com>',
  to: 'ada@example.com',
  subject: 'Reset your password',
  text: 'plain\n.\n.dot\nend',
  html: '<p>rich</p>',
};

beforeEach(async () => {
  sink = await createSmtpSink();
  mailer = createSmtpMailer({ url: sink.url, from: FROM, timeout: 300 });
});
afterEach(async () => {
  mailer.close();
  await sink.stop();
});

const failure = async (given: Mail = mail): Promise<unknown> => {
  try {
    await mailer.send(given);
  } catch (error) {
    return error;
  }
  throw new Error('it was sent');
};

describe('createSmtpMailer', () => {
  test('sends text and HTML to one recipient, with the id it was given', async () => {
    await mailer.send(mail);
    const [sunk] = sink.mails;
    expect(sunk).toMatchObject({ from: 'no-reply@example.com', to: ['ada@example.com'] });
    const headers = sunk?.data.split('\r\n\r\n')[0] ?? '';
    expect(headers.split('\r\n')).toEqual(
      expect.arrayContaining([
        'From: Example <no-reply@example.com>',
        'To: ada@example.com',
        'Subject: Reset your password',
        'Message-ID: <01-02@auth.example.com>',
        'Auto-Submitted: auto-generated',
      ]),
    );
    expect(headers).toContain('multipart/alternative');
    expect(sunk?.data).toContain('plain\r\n.\r\n.dot\r\nend');
    expect(sunk?.data).toContain('<p>rich</p>');
  });

  test('keeps its connection for the next mail', async () => {
    await mailer.send(mail);
    await mailer.send(mail);
    expect(sink.mails).toHaveLength(2);
    expect(sink.connections).toBe(1);
  });

  test.each([
    'a@evil.example,v@victim.example',
    'a@evil.example, v@victim.example',
    'v@evil.example＠victim.example',
    'a@example.com\r\nRCPT TO:<v@victim.example>',
    'a@example.com>\r\nRCPT TO:<v@victim.example',
    '"a\r\nBcc:x"@b.c',
    '<a@b.example>',
    'Ada <ada@example.com>',
    'group: a@b.example, c@d.example;',
    'Ada@example.com',
    '',
  ])('LG-7: hands over no recipient for %j', async (to) => {
    expect(await failure({ ...mail, to })).toBeInstanceOf(MailRefusedError);
    expect(sink.recipients).toEqual([]);
    expect(sink.connections).toBe(0);
  });

  test('adds no header through a subject or an id', async () => {
    await mailer.send({
      ...mail,
      subject: 'Hello\r\nBcc: v@victim.example\r\n\r\nbody',
      messageId: '<a@b>\r\nBcc: v@victim.example',
    });
    expect(sink.recipients).toEqual(['ada@example.com']);
    const headers = sink.mails[0]?.data.split('\r\n\r\n')[0] ?? '';
    expect(headers.split('\r\n').filter((line) => /^bcc/i.test(line))).toEqual([]);
  });

  test('reads no file that a mail names', async () => {
    const html = { path: '/etc/hostname' } as unknown as string;
    await failure({ ...mail, html });
    expect(sink.mails).toEqual([]);
  });

  test('fetches no URL that a mail names', async () => {
    const fetched: unknown[] = [];
    const server = createServer((request, response) => {
      fetched.push(request.url);
      response.end('secret');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const html = { href: `http://127.0.0.1:${port}/` } as unknown as string;
    await failure({ ...mail, html });
    await new Promise((resolve) => server.close(resolve));
    expect(fetched).toEqual([]);
    expect(sink.mails).toEqual([]);
  });
});

describe('a failure', () => {
  test.each([
    ['450 4.2.1 greylisted, see https://x.example/?t=abc', false, '450 4.2.1 RCPT TO'],
    ['550 5.1.1 no such user ada@example.com', true, '550 5.1.1 RCPT TO'],
  ])('at the recipient is one of this mail: %s', async (reply, permanent, reason) => {
    sink.mode = { kind: 'refuse', command: 'RCPT', reply };
    const error = await failure();
    expect(error).toBeInstanceOf(MailRefusedError);
    expect(error).toMatchObject({ permanent, reason });
    expect(JSON.stringify(error)).not.toMatch(/abc|ada@/);
  });

  test('at MAIL FROM counts for the mail if the server does not support its address', async () => {
    sink.mode = { kind: 'refuse', command: 'MAIL', reply: '550 5.6.7 no SMTPUTF8 here' };
    const error = await failure();
    expect(error).toBeInstanceOf(MailRefusedError);
    expect(error).toMatchObject({ permanent: true, reason: '550 5.6.7 MAIL FROM' });
  });

  test.each([
    ['452 4.3.1 later', false],
    ['554 5.7.1 looks like spam: https://app.example.com/?token=abc', true],
    ['503 out of step', false],
  ])('at the content is one of this mail: %s', async (reply, permanent) => {
    sink.mode = { kind: 'refuse', command: 'BODY', reply };
    const error = await failure();
    expect(error).toMatchObject({ name: 'MailRefusedError', permanent });
    expect(JSON.stringify(error)).not.toContain('abc');
  });

  test.each([
    ['MAIL', '530 5.7.0 authenticate first'],
    ['MAIL', '451 4.3.0 try later'],
    ['RCPT', '421 4.3.2 closing'],
  ] as const)('at %s with %s is one of the server', async (command, reply) => {
    sink.mode = { kind: 'refuse', command, reply };
    expect(await failure()).toBeInstanceOf(MailServerUnavailableError);
  });

  test('to connect makes the server unavailable until it answers again', async () => {
    await sink.stop();
    expect(await failure()).toMatchObject({
      name: 'MailServerUnavailableError',
      reason: 'ECONNREFUSED CONN',
    });
    await sink.start();
    await mailer.send(mail);
    expect(sink.mails).toHaveLength(1);
  });

  test('to answer the connection ends soon', async () => {
    mailer.close();
    mailer = createSmtpMailer({ url: sink.url, from: FROM, timeout: 1000 });
    sink.mode = { kind: 'black-hole' };
    const started = performance.now();
    expect(await failure()).toBeInstanceOf(MailServerUnavailableError);
    expect(performance.now() - started).toBeLessThan(1900);
  });

  test('to answer in the middle of a mail ends soon', async () => {
    await mailer.send(mail);
    sink.mode = { kind: 'black-hole' };
    expect(await failure()).toBeInstanceOf(MailServerUnavailableError);
    sink.mode = { kind: 'accept' };
    await mailer.send(mail);
    expect(sink.mails).toHaveLength(2);
  });

  test('is not caused by slowness alone', async () => {
    sink.mode = { kind: 'slow', delay: 100 };
    await mailer.send(mail);
    expect(sink.mails).toHaveLength(1);
  });

  test('to encrypt ends the connection, except on loopback: no mail is sent unencrypted', async () => {
    // A name that resolves to the sink and is not the loopback's own.
    const { port } = new URL(sink.url);
    const remote = createSmtpMailer({ url: `smtp://[::ffff:127.0.0.1]:${port}`, from: FROM });
    mailer.close();
    mailer = remote;
    expect(await failure()).toMatchObject({ name: 'MailServerUnavailableError' });
    expect(sink.connections).toBe(1);
    expect(sink.recipients).toEqual([]);
  });
});
