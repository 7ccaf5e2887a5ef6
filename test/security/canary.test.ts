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

test('LO-2, LO-6, DR-1, EL-6: after a whole run no log line, error, audit row, metric or dump contains a secret', async () => {
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
    EMAIL_SIGN_IN: 'register',
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
    if (!/"(SignedIn|EmailVerificationRequired|EmailSignInStarted)"/.test(text)) bodies.push(text);
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
  // Sign-in by mail: a wrong code, the right one, another mail's link, and the link once more (EL-6).
  const byMail = `mutation ($i: RequestEmailSignInInput!) { requestEmailSignIn(input: $i) {
    __typename ... on EmailSignInStarted { emailSignInToken } } }`;
  const entering = `mutation ($i: CompleteEmailSignInInput!) { completeEmailSignIn(input: $i) { ${signedIn} } }`;
  for (const name of ['first', 'second']) {
    const before = mails.length;
    const { requestEmailSignIn } = await ask(byMail, { i: { email, deviceToken } });
    keep(`the ${name} browser's token`, requestEmailSignIn.emailSignInToken);
    await until(() => mails.length > before);
    await mail(mails.length);
  }
  const emailSignInToken = secrets.get("the first browser's token") ?? '';
  const [firstMail, secondMail] = [mails.length - 1, mails.length];
  const typed = secrets.get(`mail ${firstMail}'s code`) ?? '';
  for (const one of ['00000000', typed, typed]) {
    const done = await ask(entering, { i: { proof: { code: { code: one, emailSignInToken } } } });
    const { accessToken: entered } = done.completeEmailSignIn;
    if (entered) keep('the access token by code', entered);
  }
  const token = secrets.get(`mail ${secondMail}'s token`) ?? '';
  await ask('query ($token: String!) { mailedToken(token: $token) { kind email } }', { token });
  for (const times of ['once', 'twice']) {
    const done = await ask(entering, { i: { proof: { token } } });
    if (times === 'once') keep('the access token by link', done.completeEmailSignIn.accessToken);
  }
  await ask(entering, { i: { proof: { token, code: { code: typed, emailSignInToken } } } });
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
