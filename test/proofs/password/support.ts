import { randomBytes } from 'node:crypto';
import { createHashQueue } from '../../../src/hash-queue/queue.ts';
import { createHasher, type HasherOptions } from '../../../src/proofs/password/hasher.ts';

/** The least argon2 allows: the tests are about the logic around it, not about its cost. */
export const TINY = { memoryKib: 8, iterations: 1 };

export function tinyHasher(options: Partial<HasherOptions> = {}) {
  const random = { bytes: (length: number) => randomBytes(length) };
  const queue = createHashQueue({ concurrency: 2, capacity: 64 });
  return createHasher({ random, ...TINY, queue, ...options });
}
