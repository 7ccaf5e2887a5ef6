import { expect, it } from 'vitest';
import { describeCost } from '../../../src/proofs/password/cost.ts';

it('PW-2 tells what one verification costs, and more for more work', async () => {
  const [cheap, dear] = [
    await describeCost({ memoryKib: 64, iterations: 1 }),
    await describeCost({ memoryKib: 19_456, iterations: 2 }),
  ];
  expect(dear).toMatchObject({ memoryKib: 19_456, iterations: 2 });
  expect(dear.milliseconds).toBeGreaterThan(cheap.milliseconds);
  expect(dear.perSecondPerCore * dear.milliseconds).toBeGreaterThan(900);
  expect(dear.perSecondPerCore * dear.milliseconds).toBeLessThan(1100);
});
