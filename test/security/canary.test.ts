import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import postgres from 'postgres';
import { expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import type { Mail } from '../../src/kernel/ports.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { testConfig } from '../support/server.ts';
import { until } from '../support/until.ts';

/** Every table as text, the bytes of its bytea columns as hex and as themselves. */
async function dump(url: string): Promise<string> {
  const sql = postgres(url, { max: 1 });
  const tables = await sql<{ name: string }[]>`
    select tablename as name from pg_tables where schemaname = 'public'`;
  const parts: string[] = [];
  for (const { name } of tables) {
    const rows = await sql`select t::text as line from ${sql(name)} t`;
    const raw = await sql`select * from ${sql(name)}`;
    parts.push(name, ...rows.map((row) => String(row['line'])));
    for (const row of raw) {
      for (const value of Object.values(row)) {
        if (value instanceof Uint8Array) parts.push(Buffer.from(value).toString('latin1'));
      }
    }
  }
  await sql.end();
  return parts.join('\n');
}

test('LO-2, DR-1: after a whole run no log line, error, audit row, metric or dump contains a secret', async () => {
  const database = await createTestDatabase();
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const mails: Mail[] = [];
  const secretKey = randomBytes(32).toString('base64');
  const config = testConfig(database, {
    SECRET_KEYS: secretKey,
    REFRESH_COOKIE: 'false',
    METRICS_PORT: '9464',
  });
  const log = pino({ level: 'debug' }, sink);
  const mailer = {
    send: async (mail: Mail) => {
      mails.push(mail);
    },
    close: () => undefined,
  };
  const app = await createApp(config, log, { mailer });
  const secrets = new Map<string, string>([['the root secret', secretKey]]);
  const bodies: string[] = [];

  const ask = async (query: string, variables: object, headers: Record<string, string> = {}) => {
    const response = await app.fetch(
      new Request(`${config.publicUrl}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      }),
      { remoteAddress: '127.0.0.1' },
    );
    const text = await response.text();
    const body = JSON.parse(text);
    // Tokens belong in the answer that issues them. In every other answer they are a leak.
    if (!/"(SignedIn|EmailVerificationRequired)"/.test(text)) bodies.push(text);
    return body.data;
  };
  const keep = (name: string, value: unknown) => {
    if (typeof value !== 'string' || value.length < 8) throw new Error(`no ${name}`);
    secrets.set(name, value);
    return value;
  };
  const signedIn = `__typename ... on SignedIn { accessToken refreshToken deviceToken } ... on Error { message }`;
  const waiting = '... on EmailVerificationRequired { registrationToken }';
  const email = 'canary@example.com';
  const password = keep('the password', 'canary-password-4711 battery');
  const wrong = keep('a wrong password', 'canary-wrong-password-0815');
  const mail = async (count: number) => {
    const found = await until(() => (mails.length >= count ? mails.at(-1) : undefined));
    keep(`mail ${count}'s code`, /\b(\d{4}) ?(\d{4})\b/.exec(found.text)?.slice(1).join(''));
    keep(`mail ${count}'s token`, /[?&]token=([\w-]+)/.exec(found.text)?.[1]);
    return found;
  };

  const registering = `mutation ($i: RegisterInput!) { register(input: $i) { ${signedIn} ${waiting} } }`;
  await ask(registering, { i: { email, password: keep('a common password', 'password123456') } });
  const asked = await ask(registering, { i: { email, password } });
  const registrationToken = keep('the registration token', asked.register.registrationToken);
  await mail(1);
  await ask(
    'mutation ($i: ResendEmailVerificationInput!) { resendEmailVerification(input: $i) { __typename } }',
    { i: { email, registrationToken } },
  );
  await mail(2);
  const code = secrets.get("mail 2's code") ?? '';
  const verifying = `mutation ($i: VerifyEmailInput!) { verifyEmail(input: $i) { ${signedIn} } }`;
  await ask(verifying, { i: { proof: { token: secrets.get("mail 1's token") } } });
  const proof = { code: { email, code } };
  const first = await ask(verifying, { i: { proof, registrationToken } });
  keep('the first access token', first.verifyEmail.accessToken);
  keep('the first refresh token', first.verifyEmail.refreshToken);
  const login = `mutation ($i: LoginInput!) { login(input: $i) { ${signedIn} } }`;
  for (let n = 0; n < 12; n += 1) await ask(login, { i: { email, password: wrong } });
  const deviceToken = keep('the device token', first.verifyEmail.deviceToken);
  const second = await ask(login, { i: { email, password, deviceToken } });
  const access = keep('the second access token', second.login.accessToken);
  const refreshToken = keep('the second refresh token', second.login.refreshToken);
  const bearer = { authorization: `Bearer ${access}` };
  const refreshing = `mutation ($i: RefreshTokenInput) { refreshToken(input: $i) { ${signedIn} } }`;
  const third = await ask(refreshing, { i: { refreshToken } });
  keep('the third refresh token', third.refreshToken.refreshToken);
  const again = `mutation ($i: ReauthenticateInput!) { reauthenticate(input: $i) { ${signedIn} } }`;
  await ask(again, { i: { password: wrong } }, bearer);
  await ask(again, { i: { password } }, bearer);
  // The same secrets where they do not belong.
  await ask(login, { i: { email: { nested: password }, password: [wrong] } });
  await ask(login, { i: { [password]: refreshToken } });
  await ask(
    `mutation { login(input: { email: "${password}", password: ${JSON.stringify(wrong)} `,
    {},
  );
  await ask(
    refreshing,
    { i: { refreshToken: `${refreshToken}x` } },
    { authorization: `Bearer ${access}x` },
  );
  await ask(verifying, { i: { proof: { code: { email: password, code: refreshToken } } } });
  await app.fetch(new Request(`${config.publicUrl}/graphql?query={__typename}&token=${access}`), {
    remoteAddress: '127.0.0.1',
  });
  await app.fetch(new Request(`${config.publicUrl}/verify-email/${refreshToken}`), {
    remoteAddress: '127.0.0.1',
  });
  // And on the way down.
  const sql = postgres(database.url, { max: 1 });
  await sql`alter table sessions rename column refresh_hash to elsewhere`;
  await ask(refreshing, { i: { refreshToken: third.refreshToken.refreshToken } });
  await ask(login, { i: { email, password, deviceToken } });
  await sql`alter table sessions rename column elsewhere to refresh_hash`;
  await sql.end();
  await ask('mutation { logout { __typename } }', {}, bearer);

  const metrics = app.metrics?.read().text ?? '';
  const places = {
    'log lines': lines.join(''),
    'error bodies': bodies.join('\n'),
    metrics,
    'dump of all tables': await dump(database.url),
  };
  await app.close();
  await database.drop();

  const hits: string[] = [];
  for (const [place, text] of Object.entries(places)) {
    expect(text.length).toBeGreaterThan(100);
    for (const [name, secret] of secrets) {
      const forms = [
        secret,
        Buffer.from(secret).toString('base64'),
        Buffer.from(secret).toString('hex'),
      ];
      if (forms.some((form) => text.includes(form))) hits.push(`${name} in ${place}`);
    }
  }
  process.stdout.write(
    `LO-2: ${secrets.size} secrets, ${lines.length} log lines, ${hits.length} hits\n`,
  );
  expect(hits).toEqual([]);
  // The positive control: the search finds the secrets where they may stand.
  expect(mails.some(({ text }) => text.includes(code.slice(0, 4)))).toBe(true);
}, 60_000);

test('LO-3: line breaks, JSON and terminal colors in an address and a User-Agent add no line', () => {
  const script = `
    import { createLog } from ${JSON.stringify(new URL('../../src/observability/log.ts', import.meta.url).href)};
    const log = await createLog({ mode: 'production', logLevel: 'info' });
    const evil = 'a\\n{"level":"fatal"}\\r\\n\\u001b[31m\\u2028x';
    log.info({ email: evil, userAgent: evil }, 'request');
    log.warn({ err: new Error(evil) }, 'request');`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  const written = stdout.split('\n').filter((line) => line !== '');
  expect(written).toHaveLength(2);
  for (const line of written) {
    expect(JSON.parse(line)['level']).not.toBe('fatal');
    expect(line).not.toContain('\u001b');
  }
});

test('RR-8: the log of an unavailable service has its error code and statement, and no stack', () => {
  const script = `
    import { createLog } from ${JSON.stringify(new URL('../../src/observability/log.ts', import.meta.url).href)};
    import { unavailable } from ${JSON.stringify(new URL('../../src/db/errors.ts', import.meta.url).href)};
    const log = await createLog({ mode: 'production', logLevel: 'info' });
    log.warn({ err: unavailable('ECONNREFUSED', 'select 1') }, 'failed');
    log.warn({ err: new Error('not started', { cause: unavailable('ECONNREFUSED') }) }, 'failed');`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  const [away, around] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).err);
  expect(Object.keys(away)).toEqual(['name', 'message', 'cause']);
  expect(Object.keys(away.cause)).toEqual(['name', 'message', 'code', 'statement']);
  expect(away.cause).toMatchObject({ code: 'ECONNREFUSED', statement: 'select 1' });
  expect(Object.keys(around)).toEqual(['name', 'message', 'stack', 'cause']);
  expect(Object.keys(around.cause)).not.toContain('stack');
});

test('LO-2: the log of an error has its name, message, code, stack and causes, and no other property', () => {
  const script = `
    import { createLog } from ${JSON.stringify(new URL('../../src/observability/log.ts', import.meta.url).href)};
    import { DatabaseError } from ${JSON.stringify(new URL('../../src/db/errors.ts', import.meta.url).href)};
    const log = await createLog({ mode: 'production', logLevel: 'info' });
    const foreign = (cause) => Object.assign(new Error('refused', { cause }), {
      code: 'EREFUSED', request: { body: 'canary-own' }, parameters: ['canary-own'],
      config: new Map([['canary-own', 1]]), errors: [Object.assign(new Error('x'), { of: 'canary-own' })],
      toJSON: () => 'canary-own', [Symbol('canary-own')]: 'canary-own',
    });
    const round = foreign();
    round.cause = round;
    const database = new DatabaseError({ code: '23505', statement: 'insert into t values ($1)' });
    log.error({ err: foreign(foreign(database)) }, 'failed');
    log.error({ err: round }, 'failed');
    log.error({ err: { body: 'canary-own' } }, 'failed');
    log.error({ err: 'thrown text' }, 'failed');
    log.error(foreign(), 'failed');`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  expect(stdout).not.toContain('canary-own');
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).err);
  expect(lines).toHaveLength(5);
  expect(Object.keys(lines[0])).toEqual(['name', 'message', 'code', 'stack', 'cause']);
  expect(lines[0].cause.cause).toMatchObject({
    name: 'DatabaseError',
    code: '23505',
    statement: 'insert into t values ($1)',
  });
  expect(lines[3]).toEqual({ name: 'string', message: 'thrown text' });
});
