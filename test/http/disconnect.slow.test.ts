import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createHttpServer } from '../../src/http/http-server.ts';
import { LOGIN, PASSWORD } from '../support/journeys.ts';
import { startTestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

const QUEUE = 6;

test('GQ-14, RL-12: over sockets, a full hash queue rejects at once, and a client that disconnects leaves it', async () => {
  const own = await startTestServer({
    // A hash takes about a second, so the queue does not move meanwhile.
    env: {
      HASH_CONCURRENCY: '1',
      HASH_QUEUE: String(QUEUE),
      ARGON2_ITERATIONS: '16',
      ARGON2_MEMORY_KIB: '65536',
    },
    durations: 'as-configured',
  });
  onTestFinished(() => own.close());
  const { config, log, hashQueue } = own.app.deps;
  const server = createHttpServer(own.app, config, log).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const signIn = (n: number): ClientRequest => {
    const headers = { 'content-type': 'application/json' };
    const call = request({ port, path: '/graphql', method: 'POST', headers, agent: false });
    const input = { email: `gone-${n}@example.com`, password: PASSWORD };
    // A destroyed request emits an error.
    call.on('error', () => undefined);
    return call.end(JSON.stringify({ query: LOGIN, variables: { input } }));
  };
  const { stats } = hashQueue;

  const calls = Array.from({ length: QUEUE + 1 }, (_, n) => signIn(n));
  await until(() => stats().waiting === QUEUE);

  const askedAt = performance.now();
  const [answer] = await once(signIn(QUEUE + 1), 'response');
  const text = (await Array.fromAsync(answer)).join('');
  expect(text).toContain('ServerBusyError');
  // The goal is 50 ms; the limit allows ten times that on a busy machine.
  expect(performance.now() - askedAt).toBeLessThan(500);

  for (const call of calls) call.destroy();
  await until(() => stats().waiting === 0, 500);
  // The hash under way runs to its end.
  expect(stats().inFlight).toBe(1);
  await until(() => stats().inFlight === 0, 20_000);
});
