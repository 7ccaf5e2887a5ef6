import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import { LOGIN, PASSWORD, signUp } from '../support/journeys.ts';
import { type LoggedLine, startTestServer, type TestServer } from '../support/server.ts';

const ENV = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:9/v1/traces' };

/** The spans of what a test does with a server. */
async function spansOf(
  work: (server: TestServer) => Promise<unknown>,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly ReadableSpan[]> {
  const spans: ReadableSpan[] = [];
  const server = await startTestServer({
    env: { ...ENV, ...env },
    durations: 'as-configured',
    exporters: {
      spans: {
        export: (some, done) => {
          spans.push(...some);
          done({ code: 0 });
        },
        shutdown: async () => undefined,
      },
    },
  });
  await work(server);
  await server.close();
  return spans;
}

const named = (spans: readonly ReadableSpan[], name: string) =>
  spans.filter((span) => span.name === name);
const childrenOf = (spans: readonly ReadableSpan[], parent: ReadableSpan | undefined) =>
  spans.filter((span) => span.parentSpanContext?.spanId === parent?.spanContext().spanId);

test('a request is one trace with its root field, the hash and its wait, and its statements', async () => {
  const spans = await spansOf(async (server) => {
    const { email } = await signUp(server);
    await server.graphql(LOGIN, { input: { email, password: PASSWORD } });
  });
  const [login] = named(spans, 'mutation login');
  expect(login?.attributes).toEqual({
    'http.request.method': 'POST',
    'http.route': '/graphql',
    'http.response.status_code': 200,
    'latchkey.request_id': expect.stringMatching(/^[\da-f-]{36}$/),
  });
  const [field] = childrenOf(spans, login);
  expect(field?.name).toBe('login');
  const names = childrenOf(spans, field).map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      'password hash wait',
      'password hash',
      'select users',
      'insert sessions',
      'commit',
    ]),
  );
  const traces = new Set(spans.map((span) => span.spanContext().traceId));
  const roots = spans.filter((span) => span.parentSpanContext === undefined);
  expect(roots).toHaveLength(traces.size);
  expect(named(roots, 'mail delivery').length).toBeGreaterThan(0);
  // What the server does by itself (the outbox' polling, the clock) makes no traces.
  const known = /^(mutation \w+|mail delivery)$/;
  expect(roots.filter(({ name }) => !known.test(name)).map(({ name }) => name)).toEqual([]);
});

test('O-20: a log line names its trace, and the trace its request', async () => {
  const given = 'callers-own-id-4711';
  let lines: readonly LoggedLine[] = [];
  const spans = await spansOf(async (server) => {
    const input = { email: 'nobody@example.com', password: PASSWORD };
    await server.graphql(LOGIN, { input });
    await server.graphql(LOGIN, { input }, { headers: { 'x-request-id': given } });
    lines = server.logged;
  });
  const requests = lines.filter(({ message }) => message === 'request');
  const [own, callers] = named(spans, 'mutation login');
  expect(requests.map(({ traceId }) => traceId)).toEqual(
    [own, callers].map((span) => span?.spanContext().traceId),
  );
  expect(requests[0]?.['requestId']).toBe(own?.attributes['latchkey.request_id']);
  // What a caller wrote stays in the log.
  expect(requests[1]?.['requestId']).toBe(given);
  expect(callers?.attributes).not.toHaveProperty('latchkey.request_id');
});

test('a hash that waited belongs to the trace of the waiting request, not to that of the one before', async () => {
  const spans = await spansOf(
    async (server) => {
      const input = { email: 'nobody@example.com', password: PASSWORD };
      await Promise.all(
        Array.from({ length: 4 }, (_, n) =>
          server.graphql(LOGIN, { input: { ...input, email: `nobody-${n}@example.com` } }),
        ),
      );
    },
    { HASH_CONCURRENCY: '1' },
  );
  const fields = named(spans, 'login');
  expect(fields).toHaveLength(4);
  for (const field of fields) {
    const names = childrenOf(spans, field).map(({ name }) => name);
    expect(names.filter((name) => name === 'password hash')).toHaveLength(1);
    expect(names.filter((name) => name === 'password hash wait')).toHaveLength(1);
  }
});

test('GQ-16: no span is named by a caller’s operation, path or method', async () => {
  const spans = await spansOf(async (server) => {
    await server.graphql('query MadeUp { again: authSettings { __typename } }');
    await server.graphql('query MadeUp { __typename }');
    await server.request('/made-up?made=up', { method: 'PURGE' });
    await server.request('/health/live');
  });
  expect(spans.map(({ name }) => name).sort()).toEqual([
    'GET /health/live',
    'POST /graphql',
    'authSettings',
    'other other',
    'query authSettings',
  ]);
  expect(JSON.stringify(spans.map(({ name, attributes }) => [name, attributes]))).not.toMatch(
    /made/i,
  );
});

test('a request continues its caller’s trace, by the rules of traceparent', async () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  const spans = await spansOf(async (server) => {
    const call = (traceparent: string) =>
      server.request('/health/live', { headers: { traceparent } });
    await call(`00-${trace}-00f067aa0ba902b7-01`);
    await call(`00-${trace}-00f067aa0ba902b7-00`);
    await call(`00-${'0'.repeat(32)}-00f067aa0ba902b7-01`);
  });
  // The caller did not sample the second one, so neither do we (parentbased).
  expect(spans).toHaveLength(2);
  expect(spans[0]?.spanContext().traceId).toBe(trace);
  expect(spans[0]?.parentSpanContext?.spanId).toBe('00f067aa0ba902b7');
  expect(spans[1]?.parentSpanContext).toBeUndefined();
});

test('a span of a failed statement has the error’s name alone, and always_off exports nothing', async () => {
  const fail = async (server: TestServer) => {
    await server.app.deps.db.pool.close();
    await server.graphql(LOGIN, { input: { email: 'a@example.com', password: PASSWORD } });
  };
  const spans = await spansOf(fail);
  const [login] = named(spans, 'mutation login');
  expect(login?.status.code).toBe(2);
  const [field] = named(spans, 'login');
  // No message, no stack, no event with either.
  expect(field?.attributes).toEqual({
    'graphql.operation.type': 'mutation',
    'error.type': 'ServiceUnavailableError',
  });
  expect([field?.status.message, field?.events]).toEqual([undefined, []]);
  expect(await spansOf(fail, { OTEL_TRACES_SAMPLER: 'always_off' })).toEqual([]);
});
