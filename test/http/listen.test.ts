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

test('O-18: on :: a server answers by IPv4 and by IPv6', async () => {
  const made = server();
  expect(await listen(made, { ...PLACE, host: '::' })).toBe('::');
  for (const host of ['127.0.0.1', '[::1]']) {
    const answer = await fetch(`http://${host}:${portOf(made)}/`);
    expect(await answer.text(), host).toBe('here');
  }
});

/** A system without IPv6: whoever asks for it is refused as the kernel would. */
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
  'O-18: where IPv6 is off (%s), :: is every address of IPv4',
  async (code) => {
    const made = withoutIpv6(code);
    expect(await listen(made, { ...PLACE, host: '::' })).toBe('0.0.0.0');
    expect(await (await fetch(`http://127.0.0.1:${portOf(made)}/`)).text()).toBe('here');
  },
);

test('O-18: an address that was named is never replaced by another', async () => {
  const refused = listen(withoutIpv6('EADDRNOTAVAIL'), { ...PLACE, host: '::1' });
  await expect(refused).rejects.toThrow('port 0 on ::1 EADDRNOTAVAIL.');
});

test('a port that is taken says which setting to change', async () => {
  const first = server();
  await listen(first, { ...PLACE, host: '::' });
  const port = portOf(first);
  const second = listen(server(), { host: '::', port, setting: 'METRICS_PORT' });
  await expect(second).rejects.toThrow(
    `port ${port} on :: is in use; set METRICS_PORT to a free port.`,
  );
});
