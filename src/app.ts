import { randomBytes } from 'node:crypto';
import { createAccessTokenKeys } from './access-token/keys.ts';
import { createAccessTokenVerifier } from './access-token/verifier.ts';
import { developmentRoutes } from './api/dev/routes.ts';
import { createGraphqlServer } from './api/graphql-server.ts';
import { createHandler, createRoutes, type Handler } from './api/handler.ts';
import type { Config } from './config.ts';
import { closeDatabase, createDatabase } from './db/client.ts';
import { createDatabaseClock } from './db/clock.ts';
import { MIGRATIONS_FOLDER } from './db/folder.ts';
import { isCurrent, migrationStatus } from './db/migration-status.ts';
import { readMigrations } from './db/migrations.ts';
import type { Deps } from './deps.ts';
import { createKeyring } from './kernel/keyring.ts';
import type { Clock, Log, Mailer, Random } from './kernel/ports.ts';
import { createMemoryMailer } from './mail/memory-mailer.ts';
import { createSmtpMailer } from './mail/smtp-mailer.ts';
import { startOutboxWorker } from './mail/worker.ts';
import { createIdentityProviders } from './proofs/oauth/providers.ts';
import { createHasher } from './proofs/password/hasher.ts';

/** What a test may put in the place of the real thing. */
export type Overrides = {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly mailer?: Mailer;
};

/** The server, built and idle: it answers when its handler is called. */
export type App = {
  readonly fetch: Handler;
  readonly deps: Deps;
  /** From here on /health/ready says no, so that load balancers look elsewhere. */
  drain(): void;
  /** Finishes what is under way in the background and lets go of everything. */
  close(): Promise<void>;
};

/** Builds the server from its configuration. The only file that constructs. */
export async function createApp(config: Config, log: Log, overrides: Overrides = {}): Promise<App> {
  const random = overrides.random ?? { bytes: randomBytes };
  const db = createDatabase({ url: config.databaseUrl, poolSize: config.databasePoolSize, log });
  const databaseClock = overrides.clock ? null : await createDatabaseClock(db, { log });
  const clock = overrides.clock ?? databaseClock;
  if (!clock) throw new TypeError('There is no clock.');
  const keyring = createKeyring(config.secretKeys, random);
  const { memoryKib, iterations, hashConcurrency, hashQueue } = config.password;
  const hasher = createHasher({
    random,
    memoryKib,
    iterations,
    concurrency: hashConcurrency,
    queue: hashQueue,
  });
  const identityProviders = createIdentityProviders({ config, clock });
  const base = { config, clock, random, log, db, keyring, hasher, identityProviders };
  const accessTokenKeys = await createAccessTokenKeys(base);
  const accessTokenVerifier = createAccessTokenVerifier({ ...base, accessTokenKeys });
  const mailbox = config.mail.smtpUrl === null ? createMemoryMailer({ log, clock }) : null;
  const mailer = overrides.mailer ?? mailbox ?? createSmtpMailer(smtpOptions(config));
  const outbox = startOutboxWorker({ ...base, mailer });
  const deps: Deps = { ...base, accessTokenKeys, accessTokenVerifier, outbox };
  const migrations = await readMigrations(MIGRATIONS_FOLDER);
  let draining = false;
  const readiness = {
    isReady: async () => !draining && isCurrent(await migrationStatus(db, migrations)),
  };
  const routes = {
    ...createRoutes(deps, createGraphqlServer(config, log), readiness),
    ...(config.mode === 'development' && mailbox ? developmentRoutes(mailbox) : {}),
  };
  return {
    fetch: createHandler(deps, routes),
    deps,
    drain: () => {
      draining = true;
    },
    close: async () => {
      draining = true;
      await outbox.stop();
      mailer.close();
      await accessTokenKeys.stop();
      databaseClock?.stop();
      await closeDatabase(db);
    },
  };
}

function smtpOptions(config: Config): { readonly url: string; readonly from: string } {
  const { smtpUrl, from } = config.mail;
  if (smtpUrl === null) throw new TypeError('SMTP_URL is not set.');
  return { url: smtpUrl, from };
}
