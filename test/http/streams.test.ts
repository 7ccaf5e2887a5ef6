import { expect } from 'vitest';
import { testWithServer } from '../support/fixture.ts';
import type { TestServer } from '../support/server.ts';

const test = testWithServer();

const ask = (server: TestServer, accept: string) =>
  server.graphql('{ authSettings { passwordMinLength } }', undefined, { headers: { accept } });

test.for([
  'text/event-stream',
  'multipart/mixed',
  'text/event-stream, multipart/mixed',
  'text/*',
  '*/event-stream',
  'text/ event-stream',
  'TEXT/Event-Stream;q=1',
  '*/mixed',
  'multi part/mixed',
])('GQ-15: a client that accepts only %s gets 406 and no stream', async (accept, { server }) => {
  const { status, headers, text } = await ask(server, accept);
  expect(status).toBe(406);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(text).toBe('');
});

test('GQ-15: a client that accepts a stream among other types gets a whole response', async ({
  server,
}) => {
  const { status, headers, data } = await ask(server, 'text/event-stream, application/json');
  expect(status).toBe(200);
  expect(headers.get('content-type')).toContain('application/json');
  expect(data.authSettings.passwordMinLength).toBe(8);
});
