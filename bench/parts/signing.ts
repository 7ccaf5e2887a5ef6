import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { argon2id, hash } from 'argon2';
import { SignJWT } from 'jose';
import { summarize } from '../lib/statistics.ts';

/**
 * Measures the cost of one ES256 signature, and its duration while password hashes are under way: jose
 * (in libuv's thread pool) against node:crypto on this thread. `node bench/parts/signing.ts`
 */

const SIGNATURES = 2_000;
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const payload = { sub: '0199a0a0-0000-7000-8000-000000000001', iat: 1, exp: 901, amr: ['pwd'] };

const contenders = {
  jose: (key: KeyObject) => new SignJWT(payload).setProtectedHeader({ alg: 'ES256' }).sign(key),
  'node:crypto': async (key: KeyObject) => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part({ alg: 'ES256' })}.${part(payload)}`;
    const options = { key, dsaEncoding: 'ieee-p1363' } as const;
    return `${signed}.${sign('sha256', Buffer.from(signed), options).toString('base64url')}`;
  },
};

for (const hashes of [0, 2, 4, 8]) {
  let over = false;
  const busy = Array.from({ length: hashes }, async () => {
    const options = { type: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
    while (!over) await hash('a password to measure with', options);
  });
  for (const [name, make] of Object.entries(contenders)) {
    const times: number[] = [];
    const cpu = process.cpuUsage();
    const rounds = hashes === 0 ? SIGNATURES : SIGNATURES / 20;
    for (let index = 0; index < rounds; index += 1) {
      const startedAt = performance.now();
      await make(privateKey);
      times.push(performance.now() - startedAt);
      if (hashes > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const { user, system } = process.cpuUsage(cpu);
    const { p50, p99 } = summarize(times);
    const cost = hashes === 0 ? `, ${Math.round((user + system) / rounds)} µs CPU` : '';
    console.log(
      `${hashes} hashes, ${name}: p50 ${p50.toFixed(3)} ms, p99 ${p99.toFixed(3)} ms${cost}`,
    );
  }
  over = true;
  await Promise.all(busy);
}
