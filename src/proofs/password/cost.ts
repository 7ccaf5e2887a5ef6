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
 * Measures one derivation, for the boot log (PW-2). Once: the memory of a process's first is given
 * back, that of a second is kept, and an idle server would be so much larger. It pays for that
 * memory and a cold cache, so it tells a little too much. Beside the gate: not under load.
 */
export async function describeCost(parameters: Parameters): Promise<HashCost> {
  const milliseconds = await time(parameters);
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
