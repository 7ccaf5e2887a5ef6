import { randomBytes } from 'node:crypto';
import { test as base } from 'vitest';
import { closeDatabase, createDatabase } from '../../src/db/driver/client.ts';
import type { Database } from '../../src/db/executor.ts';
import { run } from '../../src/db/executor.ts';
import type { Deps } from '../../src/deps.ts';
import { RateLimitedError } from '../../src/kernel/errors.ts';
import { createKeyring } from '../../src/kernel/keyring.ts';
import type { Limit } from '../../src/kernel/rate-limit.ts';
import { InvalidCredentialsError } from '../../src/proofs/password/errors.ts';
import type { Device } from '../../src/rate-limit/device-token.ts';
import { createRateLimiter } from '../../src/rate-limit/limiter.ts';
import { signInLimits } from '../../src/rate-limit/limits.ts';
import { createDeferredRefunds } from '../../src/rate-limit/refunds.ts';
import { type CounterState, refundIfUnchanged } from '../../src/rate-limit/store.ts';
import { createFakeClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { PRODUCTION_LIMITS } from '../support/rate-limits.ts';
import { SILENT } from '../support/silent-log.ts';

/** What became of a sign-in: its password was right, it was wrong, or a limit refused the attempt. */
export type Outcome = 'right' | 'wrong' | 'refused';

/** A sign-in at the limiter's own port: no server, no password, no hash. */
type SignIn = {
  readonly email: string;
  readonly isRight?: boolean;
  readonly address?: string;
  readonly device?: Device;
};

/** The rate limiter on a database of its own, with a clock that the test moves. */
export async function startLimiter() {
  const database = await createTestDatabase();
  const clock = createFakeClock();
  const random = { bytes: randomBytes };
  const keyring = createKeyring([randomBytes(32)], random);
  const db = createDatabase({ url: database.url, poolSize: 10, log: SILENT });
  const deps: Pick<Deps, 'db' | 'clock' | 'log' | 'keyring'> = { db, clock, log: SILENT, keyring };
  /** The rules whose limits closed, and the refusals that were measured, in their order. */
  const closed: string[] = [];
  const refusals: string[] = [];
  const createLimiter = (own: Database = db) =>
    createRateLimiter({
      ...deps,
      db: own,
      meter: { count: (_, label) => void refusals.push(String(label)) },
      deferredRefunds: createDeferredRefunds<CounterState>(deps, (state) =>
        run(own, refundIfUnchanged(state)),
      ),
      onClosed: async ({ name }) => void closed.push(name),
    });
  const rateLimiter = createLimiter();

  let clients = 0;
  /** A client of its own, far from the others, unless it is given an address. */
  const client = (ipAddress?: string) => {
    clients += 1;
    const own = `10.${(clients >> 16) & 255}.${(clients >> 8) & 255}.${clients & 255}`;
    return { ipAddress: ipAddress ?? own, userAgent: null, requestId: 'a request' };
  };

  /** Runs one attempt. `retryAfterSeconds` is 0 unless a limit refused it. */
  const attempt = async (
    limits: readonly Limit[],
    isRight: boolean,
    limiter = rateLimiter,
  ): Promise<{ readonly outcome: Outcome; readonly retryAfterSeconds: number }> => {
    try {
      await limiter.attempt(limits, { client: client() }, async () => {
        if (!isRight) throw new InvalidCredentialsError();
      });
      return { outcome: 'right', retryAfterSeconds: 0 };
    } catch (error) {
      if (error instanceof InvalidCredentialsError)
        return { outcome: 'wrong', retryAfterSeconds: 0 };
      if (!(error instanceof RateLimitedError)) throw error;
      return { outcome: 'refused', retryAfterSeconds: error.retryAfterSeconds };
    }
  };

  const signIn = (
    { email, isRight = false, address, device }: SignIn,
    limiter = rateLimiter,
  ): ReturnType<typeof attempt> => {
    const limits = signInLimits(PRODUCTION_LIMITS, client(address), email, device ?? null);
    return attempt(limits, isRight, limiter);
  };

  return {
    ...{ database, db, clock, keyring, rateLimiter, createLimiter, closed, refusals },
    ...{ client, attempt, signIn },
    /** How many of these sign-ins had their password verified, and it was wrong. */
    async wrong(attempts: readonly SignIn[]): Promise<number> {
      let wrong = 0;
      for (const one of attempts) if ((await signIn(one)).outcome === 'wrong') wrong += 1;
      return wrong;
    },
    close: async () => {
      await closeDatabase(db);
      await database.drop();
    },
  };
}

export type TestLimiter = Awaited<ReturnType<typeof startLimiter>>;

/** `test` with one limiter for the whole file: its tests use addresses and accounts of their own. */
export const testWithLimiter = base.extend(
  'limiter',
  { scope: 'file' },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads here that the limiter needs no other fixture
  async ({}, { onCleanup }) => {
    const limiter = await startLimiter();
    onCleanup(limiter.close);
    return limiter;
  },
);

export const times = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));
