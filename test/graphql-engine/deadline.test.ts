import { expect, test } from 'vitest';
import { ClientGoneError, createDeadline } from '../../src/graphql-engine/deadline.ts';
import { createFastLane } from '../../src/graphql-engine/fast-lane.ts';
import { createGraphqlServer } from '../../src/graphql-engine/graphql-server.ts';
import { createKnownDocuments } from '../../src/graphql-engine/known-documents.ts';
import { createSchema } from '../../src/graphql-engine/schema.ts';
import { createOperationContext } from '../../src/http/context.ts';
import { hangupOn } from '../../src/http/fetch.ts';
import { createGraphqlRoute } from '../../src/http/graphql-route.ts';
import { createTokenCookies } from '../../src/http/token-cookies.ts';
import { ServiceUnavailableError } from '../../src/kernel/errors.ts';
import { startTestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

test('GQ-14: the time of an operation ends its signal, and so does its client', async () => {
  const late = createDeadline(hangupOn(new AbortController().signal), 5);
  await until(() => late.signal.aborted);
  expect(late.signal.reason).toBeInstanceOf(ServiceUnavailableError);

  const client = new AbortController();
  const left = createDeadline(hangupOn(client.signal));
  client.abort();
  expect(left.signal.reason).toBeInstanceOf(ClientGoneError);
  expect(createDeadline(hangupOn(client.signal)).signal.aborted).toBe(true);

  const done = createDeadline(hangupOn(new AbortController().signal), 5);
  done.cancel();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(done.signal.aborted).toBe(false);
});

test('GQ-14: an operation that never comes back is answered 503, in the fast lane too', async () => {
  const server = await startTestServer();
  const { deps } = server.app;
  const schema = createSchema();
  const documents = createKnownDocuments(schema, deps.config);
  const operations = { schema, documents, trusted: null };
  const yoga = createGraphqlServer(deps.log, operations);
  const route = createGraphqlRoute(deps.config, async () => yoga, createFastLane(operations));
  const ask = (query: string, milliseconds: number) => {
    const hangup = hangupOn(new AbortController().signal);
    const headers = new Headers({ 'content-type': 'application/json' });
    const context = createOperationContext(deps, {
      headers,
      client: { ipAddress: null, userAgent: null, requestId: 'a-request-id' },
      deadline: createDeadline(hangup, milliseconds),
      cookies: createTokenCookies(deps.config, headers),
    });
    const body = Buffer.from(JSON.stringify({ query }));
    return route.answer(
      { method: 'POST', target: '/graphql', headers, body, remoteAddress: null, hangup },
      { ...context, authentication: () => new Promise<never>(() => undefined) },
    );
  };
  for (const query of ['{ viewer { user { id } } }', '{ viewer { user { id } } }']) {
    const { status, body } = await ask(query, 50);
    expect(status).toBe(503);
    expect(String(body)).toContain('SERVICE_UNAVAILABLE');
  }
  await server.close();
});
