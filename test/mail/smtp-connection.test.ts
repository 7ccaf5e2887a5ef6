import { createServer, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { MailServerUnavailableError } from '../../src/mail/errors.ts';
import {
  createConfiguredSmtpMailer,
  createSmtpMailer,
  type SmtpMailer,
  type SmtpMailerOptions,
} from '../../src/mail/smtp-mailer.ts';
import { createAuthority } from '../support/certificates.ts';
import { createSmtpSink, type SmtpSink } from '../support/smtp-sink.ts';

const MAIL = {
  messageId: '<1@auth.example.com>',
  to: 'ada@example.com',
  subject: 'Hello',
  text: 'text',
  html: '<p>html</p>',
};
const SECRET = 'cAnArY7351';

const authority = createAuthority('Nobody knows it');
const certificate = authority.issue(['127.0.0.1', 'localhost']);

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function sinkWith(options: Parameters<typeof createSmtpSink>[0] = {}): Promise<SmtpSink> {
  const sink = await createSmtpSink(options);
  open.push({ close: () => sink.stop() });
  return sink;
}

function mailerTo(sink: SmtpSink, options: Partial<SmtpMailerOptions> = {}): SmtpMailer {
  const from = 'no-reply@example.com';
  const mailer = createSmtpMailer({ url: sink.url, from, timeout: 1000, ...options });
  open.push(mailer);
  return mailer;
}

/** The same server by an address that counts as another machine's. */
const beyondLoopback = ({ url }: SmtpSink) => url.replace('127.0.0.1', '[::ffff:127.0.0.1]');
const withUser = ({ url }: SmtpSink, userInfo: string) => url.replace('://', `://${userInfo}@`);

async function failureOf(work: Promise<unknown>): Promise<MailServerUnavailableError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof MailServerUnavailableError) return error;
  throw new Error('it did not fail as an unavailable server does', { cause: error });
}

describe('CF-12: the EHLO name', () => {
  test('is MAIL_EHLO_NAME, never the name of the machine', async () => {
    const sink = await sinkWith();
    await mailerTo(sink, { ehloName: 'auth.example.com' }).send(MAIL);
    expect(sink.greetings).toEqual(['auth.example.com']);
    expect(sink.mails).toHaveLength(1);
  });

  test('makes the server unavailable if a relay refuses the name', async () => {
    const sink = await sinkWith();
    sink.mode = { kind: 'refuse', command: 'EHLO', reply: '421 4.7.0 go away' };
    const { reason } = await failureOf(mailerTo(sink).send(MAIL));
    expect(reason).toContain('421');
  });
});

describe('CF-12: encryption', () => {
  const plain = {};
  const startTls = { tls: certificate };
  const implicit = { tls: { ...certificate, isImplicit: true } };

  test.each([
    ['on this machine, plain', plain, true, false, 'plain'],
    // A relay with the certificate that its package made.
    [
      'on this machine, STARTTLS with a certificate nobody trusts',
      startTls,
      true,
      false,
      'encrypted',
    ],
    ['on this machine, TLS with a certificate nobody trusts', implicit, true, false, 'refused'],
    ['beyond, plain', plain, false, false, 'refused'],
    ['beyond, STARTTLS with a certificate nobody trusts', startTls, false, false, 'refused'],
    ['beyond, TLS with a certificate nobody trusts', implicit, false, false, 'refused'],
    ['beyond, plain, SMTP_ALLOW_PLAIN', plain, false, true, 'plain'],
    ['beyond, STARTTLS, SMTP_ALLOW_PLAIN', startTls, false, true, 'encrypted'],
    ['beyond, TLS, SMTP_ALLOW_PLAIN', implicit, false, true, 'refused'],
  ] as const)('%s', async (_, offers, isLocal, allowPlain, outcome) => {
    const sink = await sinkWith(offers);
    const url = isLocal ? sink.url : beyondLoopback(sink);
    const mailer = mailerTo(sink, { url, allowPlain });
    if (outcome === 'refused') {
      await failureOf(mailer.send(MAIL));
      expect(sink.recipients).toEqual([]);
    } else {
      await mailer.send(MAIL);
    }
    const expected = { plain: [false], encrypted: [true], refused: [] }[outcome];
    expect(sink.encrypted).toEqual(expected);
  });
});

describe('CF-12: a log-in', () => {
  test('with a password decodes the URL', async () => {
    const sink = await sinkWith({ auth: { mechanism: 'PLAIN', accepts: () => true } });
    await mailerTo(sink, { url: withUser(sink, 'a%40b.example:100%25%3A%2F') }).send(MAIL);
    expect(sink.logIns).toEqual(['\0a@b.example\u0000100%:/']);
  });

  test('that is refused names the reason, without the password', async () => {
    const sink = await sinkWith({ auth: { mechanism: 'PLAIN', accepts: () => false } });
    const mailer = mailerTo(sink, { url: withUser(sink, `ada:${SECRET}`) });
    const error = await failureOf(mailer.verify());
    expect(error.reason).toBe('EAUTH 535 AUTH PLAIN');
    expect(JSON.stringify([error, error.stack])).not.toContain(SECRET);
  });
});

/** A token endpoint that answers one after another. */
async function tokenEndpoint(...answers: readonly { status?: number; body: unknown }[]) {
  const forms: Record<string, string>[] = [];
  const left = [...answers];
  const server = createServer(async (request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    forms.push(Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString())));
    const { status = 200, body } = (left.length > 1 ? left.shift() : left[0]) ?? { body: null };
    const headers = { 'content-type': 'application/json', location: '/elsewhere' };
    response.writeHead(status, headers);
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({ close: () => new Promise((resolve) => server.close(resolve)) });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/token`, forms };
}

describe('CF-12: XOAUTH2', () => {
  const CLIENT = { clientId: 'client', clientSecret: SECRET };
  const initialResponse = (token: string) =>
    `user=no-reply@example.com\u0001auth=Bearer ${token}\u0001\u0001`;
  const accepting = (...tokens: readonly string[]) => ({
    mechanism: 'XOAUTH2' as const,
    accepts: (response: string) => tokens.some((token) => response === initialResponse(token)),
  });
  const USER = 'no-reply%40example.com';

  test('obtains one access token with a refresh token for eight connections', async () => {
    const sink = await sinkWith({ auth: accepting('one') });
    const endpoint = await tokenEndpoint({ body: { access_token: 'one', expires_in: 3600 } });
    const oauth = { tokenUrl: endpoint.url, ...CLIENT, refreshToken: 'long-lived', scope: 'mail' };
    const mailer = mailerTo(sink, { url: withUser(sink, USER), oauth });
    await Promise.all(Array.from({ length: 8 }, () => mailer.send(MAIL)));
    expect(sink.mails).toHaveLength(8);
    expect(sink.logIns.length).toBeGreaterThan(1);
    expect(endpoint.forms).toEqual([
      {
        grant_type: 'refresh_token',
        refresh_token: 'long-lived',
        client_id: 'client',
        client_secret: SECRET,
        scope: 'mail',
      },
    ]);
  });

  test("obtains an access token with the client's credentials", async () => {
    const sink = await sinkWith({ auth: accepting('one') });
    // Some servers write the lifetime as text.
    const endpoint = await tokenEndpoint({ body: { access_token: 'one', expires_in: '3600' } });
    const oauth = { tokenUrl: endpoint.url, ...CLIENT };
    await mailerTo(sink, { url: withUser(sink, USER), oauth }).send(MAIL);
    expect(endpoint.forms).toEqual([
      { grant_type: 'client_credentials', client_id: 'client', client_secret: SECRET },
    ]);
  });

  test('requests another token if the mail server refuses one, with the newest refresh token', async () => {
    const sink = await sinkWith({ auth: accepting('two') });
    const endpoint = await tokenEndpoint(
      { body: { access_token: 'one', refresh_token: 'second' } },
      { body: { access_token: 'two' } },
    );
    const oauth = { tokenUrl: endpoint.url, ...CLIENT, refreshToken: 'first' };
    await mailerTo(sink, { url: withUser(sink, USER), oauth }).send(MAIL);
    expect(sink.logIns).toEqual([initialResponse('one'), initialResponse('two')]);
    expect(endpoint.forms.map((form) => form['refresh_token'])).toEqual(['first', 'second']);
  });

  test('does not log in with a token that is about to expire', async () => {
    const sink = await sinkWith({ auth: accepting('one', 'two') });
    const endpoint = await tokenEndpoint(
      { body: { access_token: 'one', expires_in: 59 } },
      { body: { access_token: 'two', expires_in: 3600 } },
    );
    const oauth = { tokenUrl: endpoint.url, ...CLIENT };
    const mailer = mailerTo(sink, { url: withUser(sink, USER), oauth });
    await mailer.verify();
    await mailer.verify();
    expect(sink.logIns).toEqual([initialResponse('one'), initialResponse('two')]);
  });

  test.each([
    [
      'a refusal',
      { status: 400, body: { error: 'invalid_grant', error_description: SECRET } },
      '400',
    ],
    ['a redirect', { status: 307, body: SECRET }, 'TypeError'],
    ['no JSON', { body: `<html>${SECRET}` }, 'SyntaxError'],
    ['no token', { body: { token: SECRET } }, 'unreadable'],
    [
      'a token with a second field in it',
      { body: { access_token: `a\u0001${SECRET}` } },
      'unreadable',
    ],
    ['null', { body: null }, 'unreadable'],
  ])(
    '%s from the token endpoint is an unavailable server without its words',
    async (_, answer, why) => {
      const sink = await sinkWith({ auth: accepting('one') });
      const endpoint = await tokenEndpoint(answer);
      const oauth = { tokenUrl: endpoint.url, ...CLIENT };
      const error = await failureOf(
        mailerTo(sink, { url: withUser(sink, USER), oauth }).send(MAIL),
      );
      expect(error.reason).toMatch(/^token \S+ AUTH XOAUTH2$/);
      expect(error.reason).toContain(why);
      expect(JSON.stringify([error, error.stack])).not.toContain(SECRET);
      expect(sink.logIns).toEqual([]);
    },
  );

  test('makes the server unavailable if the token endpoint is', async () => {
    const sink = await sinkWith({ auth: accepting('one') });
    const gone = await sinkWith();
    await gone.stop();
    const oauth = { tokenUrl: gone.url.replace('smtp:', 'http:'), ...CLIENT };
    const error = await failureOf(mailerTo(sink, { url: withUser(sink, USER), oauth }).send(MAIL));
    expect(error.reason).toBe('token ECONNREFUSED AUTH XOAUTH2');
  });
});

describe('F-10: a transport that could not be created', () => {
  test('is created again with the next mail', async () => {
    const sink = await sinkWith();
    const broken = Object.assign(new Error(`EMFILE ${SECRET}`), { code: 'EMFILE' });
    const load = vi.fn(() => import('nodemailer'));
    load.mockRejectedValueOnce(broken);
    load.mockResolvedValueOnce({
      ...(await import('nodemailer')),
      createTransport() {
        throw new TypeError(SECRET);
      },
    });
    const mailer = mailerTo(sink, { load });
    expect((await failureOf(mailer.send(MAIL))).reason).toBe('EMFILE');
    expect((await failureOf(mailer.send(MAIL))).reason).toBe('no transport');
    await mailer.send(MAIL);
    await mailer.send(MAIL);
    expect(sink.mails).toHaveLength(2);
    expect(load).toHaveBeenCalledTimes(3);
  });
});

describe('verify', () => {
  test('resolves if a mail would be accepted, and sends none', async () => {
    const sink = await sinkWith();
    await mailerTo(sink).verify();
    expect(sink.connections).toBe(1);
    expect(sink.recipients).toEqual([]);
  });

  test.each([
    ['a server that is not there', 'smtp://127.0.0.1:9', /^ECONNREFUSED/],
    ['a name that does not exist', 'smtp://mail.invalid:2525', /EDNS|ENOTFOUND|EAI_AGAIN/],
  ])('names the reason: %s', async (_, url, reason) => {
    const mailer = createConfiguredSmtpMailer({
      smtpUrl: url,
      smtpOAuth: null,
      allowPlain: false,
      ehloName: 'auth.example.com',
      from: 'no-reply@example.com',
      concurrency: 8,
      rate: 80,
    });
    open.push(mailer);
    expect((await failureOf(mailer.verify())).reason).toMatch(reason);
  });

  test('names the reason: an untrusted certificate', async () => {
    const sink = await sinkWith({ tls: certificate });
    const mailer = mailerTo(sink, { url: beyondLoopback(sink) });
    const { reason } = await failureOf(mailer.verify());
    expect(reason).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE CONN');
  });
});
