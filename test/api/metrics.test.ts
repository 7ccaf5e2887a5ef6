import type { Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMetricsServer } from '../../src/api/metrics-server.ts';
import { LOGIN, signUp } from '../support/journeys.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { SILENT } from '../support/silent-log.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ env: { METRICS_PORT: '9465' } });
});
afterAll(() => server.close());

const read = async () => (await server.app.metrics?.read())?.text ?? '';
const series = (text: string) =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

test('tells what happened: outcomes by mutation and type, durations, hashing, pool, event loop', async () => {
  const person = await signUp(server);
  await server.graphql(LOGIN, { input: { email: person.email, password: 'a wrong one' } });
  const text = await read();
  expect(text).toContain(
    'latchkey_mutation_outcomes_total{mutation="login",outcome="InvalidCredentialsError"} 1',
  );
  expect(text).toContain(
    'latchkey_mutation_outcomes_total{mutation="verifyEmail",outcome="SignedIn"} 1',
  );
  expect(text).toMatch(
    /latchkey_http_request_duration_seconds_count\{path="\/graphql",method="POST",status="2xx"\} \d+/,
  );
  for (const name of [
    'latchkey_hashing_in_flight',
    'latchkey_hashing_waiting',
    'latchkey_db_connections_open',
    'latchkey_db_waiting',
    'nodejs_eventloop_lag_p99_seconds',
    'nodejs_gc_duration_seconds',
  ]) {
    expect(text).toContain(name);
  }
});

test('GQ-16: names, paths and methods that callers make up make no new series', async () => {
  const ask = (n: number) =>
    server.request(`/path-${n}`, { method: n % 2 === 0 ? 'GET' : 'PURGE' });
  await ask(0);
  await ask(1);
  await server.graphql('query Name0 { __typename }');
  const before = series(await read()).length;
  for (let n = 0; n < 500; n += 1) {
    await ask(n);
    await server.graphql(`query Name${n} { __typename }`);
  }
  const after = series(await read());
  expect(after.length - before).toBeLessThan(30);
  expect(after.join()).not.toMatch(/path-\d|Name\d/);
});

test('HT-8: the main port has no /metrics; the other has nothing else', async () => {
  expect((await server.request('/metrics')).status).toBe(404);
  if (!server.app.metrics) throw new Error('There are no metrics.');
  const { http, base } = await serve(createMetricsServer(server.app.metrics, SILENT));
  const answer = await fetch(`${base}/metrics`);
  expect(answer.headers.get('content-type')).toContain('text/plain');
  expect(await answer.text()).toContain('latchkey_');
  expect((await fetch(`${base}/graphql`)).status).toBe(404);
  await new Promise((resolve) => http.close(resolve));
});

test('a scrape that fails is a 500, and its reason is in the log alone', async () => {
  const reason = new Error('a gauge failed');
  const metrics = { observe: () => undefined, read: () => Promise.reject(reason) };
  const told: object[] = [];
  const log = { ...SILENT, error: (fields: object) => void told.push(fields) };
  const { http, base } = await serve(createMetricsServer(metrics, log));
  const answer = await fetch(`${base}/metrics`);
  expect(answer.status).toBe(500);
  expect(await answer.text()).toBe('');
  expect(told).toEqual([{ err: reason }]);
  await new Promise((resolve) => http.close(resolve));
});

async function serve(http: Server) {
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  return { http, base: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}` };
}
