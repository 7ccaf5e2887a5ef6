import { randomBytes } from 'node:crypto';
import { createHasher, type PasswordHasher } from '../../src/proofs/password/hasher.ts';

/** The least argon2 allows: everything around a derivation is as ever, its cost is next to none. */
const CHEAPEST = { memoryKib: 8, iterations: 1 } as const;

/**
 * The server's own hasher with the cheapest parameters, for tests whose subject is not what a hash
 * costs. Those with that subject start their server with `durations: 'as-configured'`.
 */
export function createCheapHasher(bounds: {
  readonly concurrency: number;
  readonly queue: number;
}): PasswordHasher {
  return createHasher({ random: { bytes: randomBytes }, ...CHEAPEST, ...bounds });
}
