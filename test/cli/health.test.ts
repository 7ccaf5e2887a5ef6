import { expect, test } from 'vitest';
import { answering } from '../support/answering.ts';
import { latchkey } from '../support/latchkey.ts';

const health = (env: Readonly<Record<string, string>>, words = 'health') =>
  latchkey(words, { env });

test('O-18: health asks the server at HOST and PORT, and needs no other setting', async () => {
  const paths: (string | undefined)[] = [];
  const server = await answering(200, { onRequest: ({ url }) => paths.push(url) });
  const PORT = String(server.port);
  for (const HOST of ['', '127.0.0.1', '0.0.0.0', '::']) {
    const { code, out } = await health({ HOST, PORT, NODE_ENV: 'production' });
    expect([code, out], HOST).toEqual([0, ['The server is live.']]);
  }
  expect((await health({ PORT }, 'health --ready')).out).toEqual(['The server is ready.']);
  expect(paths).toEqual([...Array(4).fill('/health/live'), '/health/ready']);
  await server.close();
  const { code, err } = await health({ PORT });
  expect([code, err.join()]).toEqual([1, expect.stringContaining('The server is not live.')]);
});

test('O-18: health also finds a server on IPv6 alone', async () => {
  const server = await answering(200, { host: '::1' });
  const { code } = await health({ HOST: '::', PORT: String(server.port) });
  expect(code).toBe(0);
  await server.close();
});

test.each([503, 404, 301])('O-18: health fails for the status %i', async (status) => {
  const server = await answering(status);
  expect((await health({ PORT: String(server.port) }, 'health --ready')).code).toBe(1);
  await server.close();
});

test("O-18: health gives up on a server that never answers before the container's health check does", async () => {
  const server = await answering(200, {
    onRequest: (_, outgoing) => {
      outgoing.writeHead = () => outgoing;
      outgoing.end = () => outgoing;
    },
  });
  const begun = performance.now();
  expect((await health({ PORT: String(server.port) })).code).toBe(1);
  expect(performance.now() - begun).toBeLessThan(3_000);
});
