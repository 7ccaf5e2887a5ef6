import { expect, test } from 'vitest';
import { createOperationContext } from '../../src/graphql-engine/context.ts';
import { ClientDisconnectedError, createDeadline } from '../../src/graphql-engine/deadline.ts';
import { createEngine } from '../../src/graphql-engine/engine.ts';
import { createSchema } from '../../src/graphql-engine/schema.ts';
import { connectionOf } from '../../src/http/fetch.ts';
import { createGraphqlSteps } from '../../src/http/graphql-route.ts';
import { createTokenCookies } from '../../src/http/token-cookies.ts';
import { ServiceUnavailableError } from '../../src/kernel/errors.ts';
import { startTestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

test('GQ-14: the signal of an operation aborts when its time is up, and when its client disconnects', async () => {
  const late = createDeadline(connectionOf(new AbortController().signal), 5);
  await until(() => late.signal.aborted);
  expect(late.signal.reason).toBeInstanceOf(ServiceUnavailableError);

  const client = new AbortController();
  const disconnected = createDeadline(connectionOf(client.signal));
  client.abort();
  expect(disconnected.signal.reason).toBeInstanceOf(ClientDisconnectedError);
  expect(createDeadline(connectionOf(client.signal)).signal.aborted).toBe(true);

  const done = createDeadline(connectionOf(new AbortController().signal), 5);
  done.cancel();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(done.signal.aborted).toBe(false);
});

test.each([
  ['the direct path', true],
  ['Yoga', false],
])('GQ-14: an operation that never ends is answered 503: %s', async (_, directPath) => {
  const server = await startTestServer();
  const { deps } = server.app;
  const engine = createEngine({ schema: createSchema(), trusted: null, config: deps.config });
  const { runOperation } = createGraphqlSteps(deps.config, engine, { directPath });
  const connection = connectionOf(new AbortController().signal);
  const headers = new Headers({ 'content-type': 'application/json' });
  const { refresh: refreshCookie, device: deviceCookie } = createTokenCookies(deps.config, headers);
  const context = createOperationContext(deps, {
    authorization: null,
    client: { ipAddress: null, userAgent: null, requestId: 'a-request-id' },
    deadline: createDeadline(connection, 50),
    refreshCookie,
    deviceCookie,
  });
  const body = Buffer.from(JSON.stringify({ query: '{ viewer { user { id } } }' }));
  const response = await runOperation(
    { method: 'POST', target: '/graphql', headers, body, remoteAddress: null, connection },
    { ...context, authentication: () => new Promise<never>(() => undefined) },
  );
  expect(response.status).toBe(503);
  expect(String(response.body)).toContain('SERVICE_UNAVAILABLE');
  await server.close();
});
