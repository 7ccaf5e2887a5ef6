import { expect, test } from 'vitest';
import { watchProxies } from '../../src/http/client.ts';
import { HOUR, MINUTE } from '../../src/kernel/duration.ts';
import { createFakeClock } from '../support/clock.ts';
import { collectingLog, type LoggedLine, startTestServer } from '../support/server.ts';

function watched(trustedProxyHops: number, mode: 'production' | 'development' = 'production') {
  const logged: LoggedLine[] = [];
  const clock = createFakeClock();
  const watch = watchProxies({
    config: { mode, trustedProxyHops },
    clock,
    log: collectingLog(logged),
  });
  const ask = (headers: Readonly<Record<string, string>>, ipAddress = '203.0.113.5') =>
    watch({ headers: new Headers(headers) }, { client: { ipAddress } });
  return { ask, clock, messages: () => logged.map(({ message }) => message), logged };
}

test.each([
  ['X-Forwarded-For', { 'x-forwarded-for': '198.51.100.1' }],
  ['Forwarded', { forwarded: 'for=198.51.100.1' }],
])(
  'O-2: %s that is not read is logged once an hour, with the setting to change',
  (_name, headers) => {
    const { ask, clock, messages, logged } = watched(0);
    ask({});
    expect(messages()).toEqual([]);
    for (let n = 0; n < 100; n += 1) ask(headers);
    expect(messages()).toEqual(['forwarded address ignored']);
    expect(logged[0]).toMatchObject({ level: 'warn', setting: 'TRUSTED_PROXY_HOPS' });
    expect(JSON.stringify(logged)).not.toContain('198.51.100.1');
    clock.advance(59 * MINUTE);
    ask(headers);
    expect(messages()).toHaveLength(1);
    clock.advance(HOUR);
    ask(headers);
    expect(messages()).toHaveLength(2);
  },
);

test('O-2: missing hops are logged: no header, too few entries, the other header', () => {
  for (const headers of [
    {},
    { 'x-forwarded-for': '198.51.100.1' },
    { forwarded: 'for=198.51.100.1, for=198.51.100.2' },
  ]) {
    const { ask, messages } = watched(2);
    ask({ 'x-forwarded-for': '198.51.100.1, 198.51.100.2' });
    expect(messages()).toEqual([]);
    ask(headers);
    ask(headers);
    expect(messages()).toEqual(['forwarded address missing']);
  }
});

test('O-2: a thousand requests in a row from one private address are logged', () => {
  const { ask, messages } = watched(0);
  for (let n = 0; n < 999; n += 1) ask({}, '10.0.0.7');
  ask({}, '10.0.0.8');
  for (let n = 0; n < 998; n += 1) ask({}, '10.0.0.8');
  expect(messages()).toEqual([]);
  ask({}, '10.0.0.8');
  expect(messages()).toEqual(['all requests from one private address']);
  for (let n = 0; n < 5_000; n += 1) ask({}, '10.0.0.8');
  expect(messages()).toHaveLength(1);
});

test.each(['1.1.1.1', '2606:4700::1111'])(
  'requests from one public address are not logged: %s',
  (one) => {
    const { ask, messages } = watched(0);
    for (let n = 0; n < 3_000; n += 1) ask({}, one);
    expect(messages()).toEqual([]);
  },
);

test('in development nothing is logged', () => {
  const { ask, messages } = watched(0, 'development');
  for (let n = 0; n < 2_000; n += 1) ask({ 'x-forwarded-for': '198.51.100.1' }, '127.0.0.1');
  expect(messages()).toEqual([]);
});

test('O-2: the server checks operations, but not probes, which do not pass the proxies', async () => {
  const server = await startTestServer({
    env: {
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://auth.example.com',
      SMTP_URL: 'smtp://127.0.0.1:9',
      MAIL_FROM: 'no-reply@example.com',
      TRUSTED_PROXY_HOPS: '1',
    },
  });
  const warned = () =>
    server.logged.filter(({ message }) => message === 'forwarded address missing').length;
  await server.request('/health/ready');
  await server.request('/health/live');
  expect(warned()).toBe(0);
  await server.graphql('{ authSettings { passwordMinLength } }');
  await server.graphql('{ authSettings { passwordMinLength } }');
  expect(warned()).toBe(1);
  await server.close();
});
