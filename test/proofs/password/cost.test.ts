import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { describeBuild } from '../../../src/proofs/password/build.ts';
import { describeCost } from '../../../src/proofs/password/cost.ts';

test('PW-2: the cost of one verification is measured, and grows with the parameters', async () => {
  const [cheap, dear] = [
    await describeCost({ memoryKib: 64, iterations: 1 }),
    await describeCost({ memoryKib: 19_456, iterations: 2 }),
  ];
  expect(dear).toMatchObject({ memoryKib: 19_456, iterations: 2, argon2: describeBuild() });
  expect(dear.milliseconds).toBeGreaterThan(cheap.milliseconds);
  expect(dear.perSecondPerCore * dear.milliseconds).toBeGreaterThan(900);
  expect(dear.perSecondPerCore * dear.milliseconds).toBeLessThan(1100);
});

test('PW-2 tells which build of argon2 runs', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-argon2-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const prebuilt = join(folder, 'prebuilds', 'linux-x64', 'argon2.glibc.node');
  expect(describeBuild(prebuilt)).toBe('prebuilt binary');
  const release = join(folder, 'build', 'Release');
  await mkdir(release, { recursive: true });
  const binary = join(release, 'argon2.node');
  expect(describeBuild(binary)).toBe('built from source');
  await writeFile(join(release, 'march.txt'), 'x86-64-v3\n');
  expect(describeBuild(binary)).toBe('built from source for x86-64-v3');
});
