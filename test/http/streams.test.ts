import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const ask = (accept: string) =>
  server.graphql('{ authSettings { passwordMinLength } }', undefined, { headers: { accept } });

test.each([
  'text/event-stream',
  'multipart/mixed',
  'text/event-stream, multipart/mixed',
  'text/*',
  '*/event-stream',
  'text/ event-stream',
  'TEXT/Event-Stream;q=1',
  '*/mixed',
  'multi part/mixed',
])('GQ-15: a client that accepts nothing but %s gets no stream', async (accept) => {
  const { status, headers, text } = await ask(accept);
  expect(status).toBe(406);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(text).toBe('');
});

test('GQ-15: a client that accepts a stream among others gets a whole answer', async () => {
  const { status, headers, data } = await ask('text/event-stream, application/json');
  expect(status).toBe(200);
  expect(headers.get('content-type')).toContain('application/json');
  expect(data.authSettings.passwordMinLength).toBe(8);
});
