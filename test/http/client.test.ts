import { expect, test } from 'vitest';
import { clientOf } from '../../src/http/client.ts';

const REMOTE = '192.0.2.1';

function addressBehind(forwarded: string, trustedProxyHops = 1): string | null {
  const headers = new Headers({ 'x-forwarded-for': forwarded });
  return clientOf(headers, { remoteAddress: REMOTE, trustedProxyHops }, 'request-1').ipAddress;
}

test.each([
  ['198.51.100.7', '198.51.100.7'],
  ['198.51.100.7:5678', '198.51.100.7'],
  ['198.51.100.7:40001', '198.51.100.7'],
  ['::ffff:198.51.100.7', '198.51.100.7'],
  ['[::FFFF:c633:6407]:5678', '198.51.100.7'],
  ['2001:DB8:0:0::7', '2001:db8::7'],
  ['[2001:db8::7]:5678', '2001:db8::7'],
  ['fe80::7%eth0', 'fe80::7'],
])('RL-5: %s is the one address %s', (written, address) => {
  expect(addressBehind(written)).toBe(address);
});

test.each(['unknown', '', '198.51.100.7:', '198.51.100.7:80:80', '198.51.100.256:80', '7:5678'])(
  'RL-5: %j is not an address, so the address of the connection is used',
  (written) => {
    expect(addressBehind(written)).toBe(REMOTE);
  },
);

test('RL-5: entries to the left of the trusted proxies are the caller’s own text and are ignored', () => {
  expect(addressBehind('203.0.113.9:1, 198.51.100.7:5678')).toBe('198.51.100.7');
  expect(addressBehind('203.0.113.9, 198.51.100.7:5678, 10.0.0.1:443', 2)).toBe('198.51.100.7');
  expect(addressBehind('203.0.113.9', 0)).toBe(REMOTE);
});
