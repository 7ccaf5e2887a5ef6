import type { SQL } from 'drizzle-orm';
import type { Config } from './config.ts';
import type { Database, Executor } from './db/driver/client.ts';
import type { Statement } from './db/statement.ts';
import type { IdentityProviders } from './kernel/identity-provider.ts';
import type { Keyring } from './kernel/keyring.ts';
import type { Meter } from './kernel/meter.ts';
import type { BreachCheck, Clock, Hasher, HashQueue, Log, Random } from './kernel/ports.ts';
import type { RateLimiter } from './kernel/rate-limit.ts';
import type { AccessTokenKeys, AccessTokenVerifier } from './kernel/signing.ts';

/**
 * Everything an operation may ask for. Each takes the part it needs: `Pick<Deps, 'db' | 'clock'>`.
 * Only the composition root makes one.
 */
export type Deps = {
  readonly config: Config;
  readonly clock: Clock;
  /** Who runs the command, for the audit log; a server has none. */
  readonly operator?: string;
  readonly random: Random;
  readonly log: Log;
  /** Counts for the operator; does nothing where nobody collects metrics. */
  readonly meter: Meter;
  readonly db: Database;
  readonly keyring: Keyring;
  readonly hasher: Hasher;
  /** Where the hasher's derivations wait: reserve a slot before asking the database (RL-12). */
  readonly hashQueue: HashQueue;
  /** Null where PASSWORD_BREACH_CHECK is off. */
  readonly breachCheck: BreachCheck | null;
  readonly identityProviders: IdentityProviders;
  readonly rateLimiter: RateLimiter<Executor, Statement<void>, SQL>;
  readonly accessTokenKeys: AccessTokenKeys;
  readonly accessTokenVerifier: AccessTokenVerifier;
  /** What every answer to 'mail me' takes, in milliseconds (LG-5). */
  readonly mailAnswerTime: number;
  /** Tells the outbox of this process that a row was just committed; never waits. */
  readonly outbox: { wake(): void };
};
