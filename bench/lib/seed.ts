import { randomBytes } from 'node:crypto';
import { createHashQueue } from '../../src/hash-queue/queue.ts';
import { createKeyring } from '../../src/kernel/keyring.ts';
import { createHasher } from '../../src/proofs/password/hasher.ts';
import { withDatabase } from './database.ts';

/** The password of every person of the bench: what a hash costs does not depend on it. */
export const PASSWORD = 'correct horse battery staple';

/** The mail address of the nth person, from 1. */
export function emailOf(index: number): string {
  return `person-${index}@bench.example`;
}

/** Where the nth person calls from: one address for thousands would be throttled. */
export function addressOf(index: number, net = 10): string {
  return `${net}.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
}

/**
 * People with a verified address, by SQL: registering them would take a hash each. All have the
 * one hash that the project's own hasher made.
 *
 * @param secretKeys the server's: with others it would bring every hash up to date at the first sign-in
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

/** With the parameters that are the default (PW-2). */
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
