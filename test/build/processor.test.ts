import { expect, test } from 'vitest';
import { runsX8664v3 } from '../../scripts/build/processor.ts';

const V3 = 'fpu sse4_2 movbe avx f16c abm bmi1 avx2 bmi2 fma';
const cpuinfo = (...processors: readonly string[]) =>
  processors.map((flags, at) => `processor\t: ${at}\nflags\t\t: ${flags}\nbugs\t\t:\n`).join('\n');

test('a processor runs x86-64-v3 when it, and every other of the machine, has all it asks for', () => {
  expect(runsX8664v3(cpuinfo(V3, V3))).toBe(true);
  for (const flag of ['avx', 'avx2', 'bmi1', 'bmi2', 'f16c', 'fma', 'abm', 'movbe']) {
    const without = V3.split(' ').filter((one) => one !== flag);
    expect(runsX8664v3(cpuinfo(V3, without.join(' '))), flag).toBe(false);
  }
  expect(runsX8664v3(''), 'nothing is known of it').toBe(false);
  expect(runsX8664v3(cpuinfo(V3).replace('flags', 'Features')), 'arm64').toBe(false);
});
