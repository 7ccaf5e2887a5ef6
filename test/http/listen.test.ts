import { createServer, type Server } from 'node:http';
import type { AddressInfo, ListenOptions } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { listen } from '../../src/http/listen.ts';

function server(): Server {
  const made = createServer((_, outgoing) => outgoing.end('here'));
  onTestFinished(() => void made.close());
  return made;
}

const PLACE = { port: 0, setting: 'PORT' } as const;
const portOf = (made: Server) => (made.address() as AddressInfo).port;

test('O-18: a server on :: answers over IPv4 and IPv6', async () => {
  const made = server();
  expect(await listen(made, { ...PLACE, host: '::' })).toBe('::');
  for (const host of ['127.0.0.1', '[::1]']) {
    const answer = await fetch(`http://${host}:${portOf(made)}/`);
    expect(await answer.text(), host).toBe('here');
  }
});

/** A server on a system without IPv6: listening on an IPv6 address fails with the kernel's error. */
function withoutIpv6(code: string): Server {
  const made = server();
  const real = made.listen.bind(made) as (at: ListenOptions, done: () => void) => Server;
  made.listen = ((at: ListenOptions, done: () => void) => {
    if (!at.host?.includes(':')) return real(at, done);
    queueMicrotask(() => made.emit('error', Object.assign(new Error(code), { code })));
    return made;
  }) as Server['listen'];
  return made;
}

test.each(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EINVAL'])(
  'O-18: if IPv6 is off (%s), :: means every address of IPv4',
  async (code) => {
    const made = withoutIpv6(code);
    expect(await listen(made, { ...PLACE, host: '::' })).toBe('0.0.0.0');
    expect(await (await fetch(`http://127.0.0.1:${portOf(made)}/`)).text()).toBe('here');
  },
);

test('O-18: a configured address is never replaced by another', async () => {
  const refused = listen(withoutIpv6('EADDRNOTAVAIL'), { ...PLACE, host: '::1' });
  await expect(refused).rejects.toThrow('port 0 on ::1 EADDRNOTAVAIL.');
});

test('the error for a port in use names the setting to change', async () => {
  const first = server();
  await listen(first, { ...PLACE, host: '::' });
  const port = portOf(first);
  const second = listen(server(), { host: '::', port, setting: 'METRICS_PORT' });
  await expect(second).rejects.toThrow(
    `port ${port} on :: is in use; set METRICS_PORT to a free port.`,
  );
});
