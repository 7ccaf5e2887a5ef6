import { randomBytes } from 'node:crypto';
import { createHasher, type HasherOptions } from '../../../src/proofs/password/hasher.ts';

/** The least argon2 allows: the tests are about the logic around it, not about its cost. */
export const TINY = { memoryKib: 8, iterations: 1 };

export function tinyHasher(options: Partial<HasherOptions> = {}) {
  const random = { bytes: (length: number) => randomBytes(length) };
  return createHasher({ random, ...TINY, concurrency: 2, queue: 64, ...options });
}

/** A promise and its handles, to hold a task open. */
export function latch() {
  return Promise.withResolvers<void>();
}
