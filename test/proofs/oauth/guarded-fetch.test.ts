import { createServer } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isPublicAddress } from '../../../src/kernel/public-address.ts';
import { createGuardedFetch } from '../../../src/proofs/oauth/guarded-fetch.ts';

const get = { method: 'GET', headers: {}, body: undefined, redirect: 'manual' } as const;
const reached: string[] = [];
const target = createServer((request, response) => {
  reached.push(request.headers.host ?? '');
  response.end('{}');
});
let port: number;
beforeAll(async () => {
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  port = (target.address() as AddressInfo).port;
});
afterAll(() => {
  target.close();
});

const resolvingTo =
  (...addresses: string[]): LookupFunction =>
  (_hostname, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

describe('OA-9: addresses', () => {
  test.each([
    '127.0.0.1',
    '10.0.0.5',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '192.0.0.8',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b::10.0.0.5',
    '64:ff9b::7f00:1',
    '64:ff9b::c0a8:101',
    '64:ff9b:1::808:808',
    '2002:a9fe:a9fe::1',
    '2001::1',
    '2001:db8::1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'ff02::1',
    '3fff::1',
    'localhost',
    '0x7f000001',
    '2130706433',
    '',
  ])('%s is not on the internet', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each([
    '8.8.8.8',
    '142.250.74.77',
    '172.32.0.1',
    '100.128.0.1',
    '2a00:1450:4001:80b::200d',
    // NAT64: how a network without IPv4 reaches 8.8.8.8 (RFC 6052).
    '64:ff9b::808:808',
    '64:ff9b::8.8.8.8',
  ])('%s is', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});

describe('OA-9: a provider on the internet', () => {
  const fetch = createGuardedFetch({ allowLoopback: false });

  test.each([
    'https://127.0.0.1/token',
    'https://[::1]/token',
    'https://[::ffff:127.0.0.1]/token',
    'https://169.254.169.254/latest/meta-data',
    'https://2130706433/token',
    'https://0x7f.1/token',
    'https://127.1/token',
  ])('does not lead to %s', async (url) => {
    await expect(fetch(url, get)).rejects.toMatchObject({ code: 'PRIVATE_ADDRESS' });
  });

  test.each(['http://accounts.example/token', 'http://127.0.0.1/token', 'ftp://x.example/'])(
    'is not requested without TLS at %s',
    async (url) => {
      await expect(fetch(url, get)).rejects.toMatchObject({ code: 'NOT_HTTPS' });
    },
  );

  test.each([[['127.0.0.1']], [['8.8.8.8', '10.0.0.1']], [['2a00::1', '::1']], [[]]])(
    'is not requested if its name resolves to %s',
    async (addresses) => {
      const lookup = resolvingTo(...addresses);
      const guarded = createGuardedFetch({ allowLoopback: false, lookup });
      const url = `https://accounts.example:${port}/token`;
      await expect(guarded(url, get)).rejects.toMatchObject({ code: 'PRIVATE_ADDRESS' });
      expect(reached).toEqual([]);
    },
  );
});

describe('OA-9: a provider that may be in a private network', () => {
  const privateOrigin = 'https://id.corp.example';
  const guarded = (...addresses: string[]) =>
    createGuardedFetch({ allowLoopback: false, privateOrigin, lookup: resolvingTo(...addresses) });
  const refused = { code: 'PRIVATE_ADDRESS' };

  test.each(['192.0.2.1', '169.254.169.254', '127.0.0.1', '::1', 'fe80::1', '0.0.0.0'])(
    'is not requested at %s, which is not a private network',
    async (address) => {
      await expect(guarded(address)(`${privateOrigin}/token`, get)).rejects.toMatchObject(refused);
    },
  );

  test.each([
    'https://other.corp.example/token',
    'https://id.corp.example:8443/token',
    'https://10.0.0.5/token',
  ])('allows nothing else there: %s', async (url) => {
    await expect(guarded('10.0.0.5')(url, get)).rejects.toMatchObject(refused);
  });

  test.each(['10.0.0.5', '172.16.0.1', '192.168.1.1', '100.64.0.1', 'fd12:3456::1'])(
    'is requested at %s',
    async (address) => {
      const signal = AbortSignal.timeout(50);
      const fetch = guarded(address);
      // Nothing listens there. Whatever the outcome is, the guard has allowed the request.
      await expect(fetch(`${privateOrigin}/token`, { ...get, signal })).rejects.not.toMatchObject(
        refused,
      );
    },
  );
});

describe('OA-9: a provider configured on loopback', () => {
  test('is requested at the very address that was checked: a name is resolved once', async () => {
    let asked = 0;
    const lookup: LookupFunction = (hostname, options, callback) => {
      asked += 1;
      resolvingTo(asked === 1 ? '127.0.0.1' : '169.254.169.254')(hostname, options, callback);
    };
    const fetch = createGuardedFetch({ allowLoopback: true, lookup });
    const answer = await fetch(`http://localhost:${port}/`, get);
    expect(await answer.text()).toBe('{}');
    expect(asked).toBe(1);
    await expect(fetch(`http://localhost:${port}/`, get)).rejects.toMatchObject({
      code: 'PRIVATE_ADDRESS',
    });
  });

  test('does not lead into the network either', async () => {
    const fetch = createGuardedFetch({ allowLoopback: true });
    for (const host of ['10.0.0.1', '169.254.169.254', '192.168.0.1']) {
      const url = `https://${host}/token`;
      await expect(fetch(url, get)).rejects.toMatchObject({ code: 'PRIVATE_ADDRESS' });
      await expect(fetch(url.replace('https', 'http'), get)).rejects.toMatchObject({
        code: 'NOT_HTTPS',
      });
    }
  });
});
