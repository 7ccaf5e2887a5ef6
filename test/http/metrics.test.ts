import type { Server } from 'node:http';
import { expect } from 'vitest';
import { createMetricsServer } from '../../src/observability/prometheus.ts';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN, REFRESH, signUp } from '../support/journeys.ts';
import type { TestServer } from '../support/server.ts';
import { SILENT } from '../support/silent-log.ts';
import { until } from '../support/until.ts';

const test = testWithServer({ env: { METRICS_PORT: '9465', REFRESH_REPLAY_WINDOW: '0s' } });

const read = (server: TestServer) => server.app.metrics?.read().text ?? '';
const series = (text: string) =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

test('the metrics hold outcomes by mutation and type, durations, hashing, the pool and the event loop', async ({
  server,
}) => {
  const person = await signUp(server);
  await server.graphql(LOGIN, { input: { email: person.email, password: 'a wrong one' } });
  const text = read(server);
  expect(text).toContain(
    'latchkey_mutation_outcomes_total{mutation="login",outcome="InvalidCredentialsError"} 1',
  );
  expect(text).toMatch(/^latchkey_operation_duration_seconds_count\{operation="login"\} 1$/m);
  expect(text).toContain(
    'latchkey_mutation_outcomes_total{mutation="verifyEmail",outcome="SignedIn"} 1',
  );
  expect(text).toMatch(
    /http_server_request_duration_seconds_count\{http_route="\/graphql",http_request_method="POST",http_response_status_code="200"\} \d+/,
  );
  for (const name of [
    'latchkey_hashing_in_flight',
    'latchkey_hashing_waiting',
    'latchkey_db_connections_open',
    'latchkey_db_waiting',
    'latchkey_db_statement_duration_seconds_count{statement="insert"}',
    'latchkey_ready 1',
    'latchkey_db_read_only 0',
    'latchkey_db_connections_max 10',
    'latchkey_build_info{version="',
    'nodejs_eventloop_delay_p99_seconds',
    'v8js_gc_duration_seconds',
    'process_resident_memory_bytes',
  ]) {
    expect(text).toContain(name);
  }
});

test('O-16: mails, a reused refresh token and the signing key are counted', async ({ server }) => {
  const { refreshToken } = await signUp(server);
  const value = (name: string) =>
    Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(read(server))?.[1] ?? Number.NaN);
  expect(value('latchkey_refresh_reuses_total')).toBe(0);
  await server.graphql(REFRESH, { input: { refreshToken } });
  await server.graphql(REFRESH, { input: { refreshToken } });
  expect(value('latchkey_refresh_reuses_total')).toBe(1);
  // The session has ended, so the same token is not counted again.
  await server.graphql(REFRESH, { input: { refreshToken } });
  expect(value('latchkey_refresh_reuses_total')).toBe(1);

  const sent = 'latchkey_mail_deliveries_total{outcome="sent"}';
  await until(() => value(sent.replace(/[{}]/g, '\\$&')) >= 2 || undefined);
  expect(value('latchkey_mail_outbox_waiting')).toBeGreaterThanOrEqual(0);
  expect(value('latchkey_mail_outbox_oldest_due_age_seconds')).toBeGreaterThanOrEqual(0);
  const now = Date.now() / 1_000;
  expect(Math.abs(now - value('latchkey_signing_key_active_since_timestamp_seconds'))).toBeLessThan(
    600,
  );
  const days = (value('latchkey_signing_key_next_rotation_timestamp_seconds') - now) / 86_400;
  expect(days).toBeGreaterThan(29);
  expect(days).toBeLessThan(31);
});

test('GQ-16: names, paths and methods that callers invent create no new series', async ({
  server,
}) => {
  const ask = (n: number) =>
    server.request(`/path-${n}`, { method: n % 2 === 0 ? 'GET' : 'PURGE' });
  await ask(0);
  await ask(1);
  await server.graphql('query Name0 { __typename }');
  await server.graphql('query { a: authSettings { __typename } b: authSettings { __typename } }');
  await server.graphql('query { ...F } fragment F on Query { authSettings { __typename } }');
  await server.graphql('{ authSettings { __typename } }');
  const before = series(read(server)).length;
  for (let n = 0; n < 100; n += 1) {
    await ask(n);
    await server.graphql(`query Name${n} { __typename }`);
    await server.graphql(`query Name${n} { name${n}: authSettings { __typename } }`);
    await server.graphql(`query { ...F${n} } fragment F${n} on Query { viewer { id } }`);
    await server.graphql(`{ name${n} }`);
  }
  const after = series(read(server));
  expect(after.length - before).toBeLessThan(30);
  expect(after.join()).not.toMatch(/path-\d|name\d/i);
});

test('HT-8: the main port has no /metrics, and the metrics port has nothing else', async ({
  server,
}) => {
  expect((await server.request('/metrics')).status).toBe(404);
  if (!server.app.metrics) throw new Error('There are no metrics.');
  const { http, base } = await serve(createMetricsServer(server.app.metrics, SILENT));
  const answer = await fetch(`${base}/metrics`);
  expect(answer.headers.get('content-type')).toContain('text/plain');
  expect(await answer.text()).toContain('latchkey_');
  expect((await fetch(`${base}/graphql`)).status).toBe(404);
  await new Promise((resolve) => http.close(resolve));
});

test('HT-8: a failed scrape is answered 500, and its reason is in the log only', async () => {
  const reason = new Error('a gauge failed');
  const metrics = {
    read() {
      throw reason;
    },
  };
  const reported: object[] = [];
  const log = { ...SILENT, error: (fields: object) => void reported.push(fields) };
  const { http, base } = await serve(createMetricsServer(metrics, log));
  const answer = await fetch(`${base}/metrics`);
  expect(answer.status).toBe(500);
  expect(await answer.text()).toBe('');
  expect(reported).toEqual([{ err: reason }]);
  await new Promise((resolve) => http.close(resolve));
});

async function serve(http: Server) {
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  return { http, base: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}` };
}
