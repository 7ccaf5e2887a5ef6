import { describeBuild } from './build.ts';
import { derive } from './derive.ts';
import { type Parameters, SALT_BYTES } from './phc.ts';

/** What one verification costs on this machine with this build of argon2. */
export type HashCost = Parameters & {
  /** Which binary computed it. */
  readonly argon2: string;
  readonly milliseconds: number;
  readonly perSecondPerCore: number;
};

/**
 * Measures one derivation, for the boot log (PW-2). The first run pays for fresh memory and a cold
 * cache, so the quicker of two is told. Beside the gate, so call it once and not under load.
 */
export async function describeCost(parameters: Parameters): Promise<HashCost> {
  const milliseconds = Math.min(await time(parameters), await time(parameters));
  return {
    argon2: describeBuild(),
    memoryKib: parameters.memoryKib,
    iterations: parameters.iterations,
    milliseconds: Math.round(milliseconds * 10) / 10,
    perSecondPerCore: Math.round(10_000 / milliseconds) / 10,
  };
}

async function time(parameters: Parameters): Promise<number> {
  const startedAt = performance.now();
  const [password, salt] = [Buffer.from('a password to measure with'), Buffer.alloc(SALT_BYTES)];
  await derive({ password, salt, parameters, secret: null });
  return performance.now() - startedAt;
}
