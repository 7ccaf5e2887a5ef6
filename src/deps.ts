import type { SQL } from 'drizzle-orm';
import type { Config } from './config.ts';
import type { Database } from './db/executor.ts';
import type { Statement } from './db/statement.ts';
import type { Act } from './kernel/act.ts';
import type { IdentityProviders } from './kernel/identity-provider.ts';
import type { Keyring } from './kernel/keyring.ts';
import type { Meter } from './kernel/meter.ts';
import type { BreachCheck, Clock, Hasher, HashQueue, Log, Random } from './kernel/ports.ts';
import type { RateLimiter } from './kernel/rate-limit.ts';
import type { AccessTokenKeys, AccessTokenVerifier } from './kernel/signing.ts';

/**
 * The dependencies of operations. Each operation takes the part that it needs: `Pick<Deps, 'db' |
 * 'clock'>`. Only the composition root creates them.
 */
export type Deps = {
  readonly config: Config;
  readonly clock: Clock;
  /** The act on somebody else's account, for the audit log. A person's own operations have none. */
  readonly act?: Act;
  readonly random: Random;
  readonly log: Log;
  /** Counts events for the metrics. Does nothing if no metrics are collected. */
  readonly meter: Meter;
  readonly db: Database;
  readonly keyring: Keyring;
  readonly hasher: Hasher;
  /** Where the hasher's derivations wait: reserve a slot before asking the database (RL-12). */
  readonly hashQueue: HashQueue;
  /** Null if PASSWORD_BREACH_CHECK is off. */
  readonly breachCheck: BreachCheck | null;
  readonly identityProviders: IdentityProviders;
  readonly rateLimiter: RateLimiter<Statement<unknown>, SQL>;
  readonly accessTokenKeys: AccessTokenKeys;
  readonly accessTokenVerifier: AccessTokenVerifier;
  /** How long every answer takes that may send a mail, in milliseconds (LG-5). */
  readonly mailAnswerTime: number;
  /** Notifies the outbox worker of this process that a mail was committed. Never waits. */
  readonly outbox: { wake(): void };
};
