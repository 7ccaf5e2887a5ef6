import { expect, test } from 'vitest';
import { createRequestContext } from '../../src/api/context.ts';
import { ClientGoneError, createDeadline } from '../../src/api/deadline.ts';
import { createGraphqlServer } from '../../src/api/graphql-server.ts';
import { createTokenCookies } from '../../src/api/token-cookies.ts';
import { ServiceUnavailableError } from '../../src/kernel/errors.ts';
import { startTestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

test('GQ-14: the time of an operation ends its signal, and so does its client', async () => {
  const late = createDeadline(new AbortController().signal, 5);
  await until(() => late.signal.aborted);
  expect(late.signal.reason).toBeInstanceOf(ServiceUnavailableError);

  const client = new AbortController();
  const left = createDeadline(client.signal);
  client.abort();
  expect(left.signal.reason).toBeInstanceOf(ClientGoneError);
  expect(createDeadline(client.signal).signal.aborted).toBe(true);

  const done = createDeadline(new AbortController().signal, 5);
  done.cancel();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(done.signal.aborted).toBe(false);
});

test('GQ-14: an operation that never comes back is answered 503 when its time is over', async () => {
  const server = await startTestServer();
  const { deps } = server.app;
  const graphql = createGraphqlServer(deps.config, deps.log);
  const deadline = createDeadline(new AbortController().signal, 50);
  const client = { ipAddress: null, userAgent: null, requestId: 'a-request-id' };
  const headers = new Headers({ 'content-type': 'application/json' });
  const context = createRequestContext(deps, {
    headers,
    client,
    signal: deadline.signal,
    cookies: createTokenCookies(deps.config, headers),
  });
  const response = await graphql.fetch(
    new Request(`${deps.config.publicUrl}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query: '{ viewer { user { id } } }' }),
    }),
    {
      context: { ...context, authentication: () => new Promise<never>(() => undefined) },
      observed: { operation: null, outcomes: [], userId: null },
    },
  );
  expect(response.status).toBe(503);
  expect(await response.text()).toContain('SERVICE_UNAVAILABLE');
  await server.close();
});
