import { describeBuild } from './build.ts';
import { derive } from './derive.ts';
import { type Parameters, SALT_BYTES } from './phc.ts';

/** The cost of one verification on this machine with this build of argon2. */
export type HashCost = Parameters & {
  /** The binary that computed it. */
  readonly argon2: string;
  readonly milliseconds: number;
  readonly perSecondPerCore: number;
};

/**
 * Measures one derivation, for the boot log (PW-2). It measures only once: a process returns the memory of
 * its first derivation and keeps that of its second, which would make an idle server larger. The first
 * derivation also allocates that memory with a cold cache, so the result is slightly too high. It does not
 * go through the hash queue, because nothing else runs at boot.
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
