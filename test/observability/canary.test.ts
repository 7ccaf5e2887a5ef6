import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { expect, test } from 'vitest';
import { LOGIN, REFRESH, REGISTER, signIn, signUp } from '../support/journeys.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { startTestServer } from '../support/server.ts';
import { createCollector } from './collector.ts';

test('LO-2: neither a secret nor an address reaches the collector in a trace or a metric', async () => {
  const collector = await createCollector();
  const database = await createTestDatabase();
  const apiKey = 'canary-collector-key-1234';
  const secretKey = randomBytes(32).toString('base64');
  const server = await startTestServer({
    database,
    env: {
      SECRET_KEYS: secretKey,
      OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`,
      OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${apiKey}`,
      OTEL_SERVICE_NAME: 'latchkey-canary',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=a%20test',
    },
  });
  const email = 'canary@example.com';
  const password = 'canary-password-4711 battery';
  const wrong = 'canary-wrong-password-0815';
  const person = await signUp(server, { email, password });
  const second = await signIn(server, person);
  const { refreshToken } = second;
  const refreshed = await server.graphql(REFRESH, { input: { refreshToken } });
  await server.graphql(LOGIN, { input: { email, password: wrong } });
  await server.graphql(REGISTER, {
    input: { email: `other-${email}`, password: 'password123456' },
  });
  // The same secrets where they do not belong.
  await server.graphql(LOGIN.replace('mutation', `mutation ${'CanaryName'}`), { input: wrong });
  await server.graphql(`mutation { login(input: { email: "${password}", password: "${wrong}" `);
  await server.request(`/reset/${refreshToken}?token=${refreshToken}`, {
    headers: { traceparent: password, 'x-request-id': 'canary-request-id', cookie: refreshToken },
  });
  // And on the way down, where a driver's error quotes its parameters.
  const sql = postgres(database.url, { max: 1 });
  await sql`alter table sessions rename column refresh_hash to elsewhere`;
  await server.graphql(LOGIN, { input: { email, password } });
  await server.graphql(REFRESH, {
    input: { refreshToken: refreshed.data.refreshToken.refreshToken },
  });
  await sql.end();
  await server.close();

  const secrets = [
    ...[email, password, wrong, apiKey, secretKey, 'CanaryName', 'canary-request-id'],
    ...[person.accessToken, person.refreshToken, second.accessToken, refreshToken],
    ...[refreshed.data.refreshToken.refreshToken, person.userId, person.sessionId],
    ...server.mails.flatMap(({ text }) => text.match(/token=([\w-]{20,})|\b\d{4} ?\d{4}\b/g) ?? []),
  ];
  expect(secrets.every((secret) => secret.length >= 8)).toBe(true);
  const hits: string[] = [];
  for (const path of ['/v1/traces', '/v1/metrics']) {
    const bytes = collector.bytes(path);
    expect(bytes.length, path).toBeGreaterThan(500);
    for (const secret of secrets) {
      const forms = [secret, Buffer.from(secret).toString('base64'), encodeURIComponent(secret)];
      if (forms.some((form) => bytes.includes(form))) hits.push(`${secret} in ${path}`);
    }
  }
  process.stdout.write(`LO-2: ${secrets.length} secrets, ${hits.length} hits at the collector\n`);
  expect(hits).toEqual([]);
  // The positive control: what is looked for is found where it may stand.
  const traces = collector.bytes('/v1/traces');
  const words = ['latchkey-canary', 'a test', 'mutation login', 'update sessions', 'DatabaseError'];
  for (const word of words) expect(traces.includes(word), word).toBe(true);
  const metrics = collector.bytes('/v1/metrics');
  for (const word of ['http.server.request.duration', 'latchkey.hashing.waiting', 'SignedIn']) {
    expect(metrics.includes(word), word).toBe(true);
  }
  expect(collector.received[0]?.headers).toMatchObject({ 'x-api-key': apiKey });
}, 60_000);

test('an unavailable collector is logged and stops nothing', async () => {
  const server = await startTestServer({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' },
  });
  await signUp(server);
  const started = performance.now();
  await server.close();
  expect(performance.now() - started).toBeLessThan(6_000);
});
