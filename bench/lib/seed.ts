import { randomBytes } from 'node:crypto';
import { createHashQueue } from '../../src/hash-queue/queue.ts';
import { createKeyring } from '../../src/kernel/keyring.ts';
import { createHasher } from '../../src/proofs/password/hasher.ts';
import { withDatabase } from './database.ts';

/** The password of every person of the bench: the cost of a hash does not depend on it. */
export const PASSWORD = 'correct horse battery staple';

/** The mail address of the nth person, from 1. */
export function emailOf(index: number): string {
  return `person-${index}@bench.example`;
}

/** The IP address of the nth person: one address for thousands would reach a rate limit. */
export function addressOf(index: number, net = 10): string {
  return `${net}.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
}

/**
 * Creates people with a verified address by SQL, because registering them would take a hash each. All have the
 * same hash, made by the project's own hasher.
 *
 * @param secretKeys the server's; with others the server would replace every hash at the first sign-in
 */
export async function seedPeople(url: string, count: number, secretKeys: string): Promise<void> {
  const passwordHash = await hashOf(PASSWORD, secretKeys);
  await withDatabase(
    url,
    (sql) => sql`
      insert into users (id, email, email_verified_at, password_hash, created_at, updated_at)
      select gen_random_uuid(), 'person-' || n || '@bench.example', now(), ${passwordHash}, now(), now()
      from generate_series(1, ${count}::int) n`,
  );
  await withDatabase(url, (sql) => sql`analyze users`);
}

/** With the default parameters (PW-2). */
async function hashOf(password: string, secretKeys: string): Promise<string> {
  const random = { bytes: (length: number) => randomBytes(length) };
  const keyring = createKeyring([Buffer.from(secretKeys, 'base64')], random);
  const hasher = createHasher({
    random,
    peppers: keyring.keys('password-pepper'),
    memoryKib: 19_456,
    iterations: 2,
    queue: createHashQueue({ concurrency: 1, capacity: 1 }),
  });
  return await hasher.hash(password);
}
