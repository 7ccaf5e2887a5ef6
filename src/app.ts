import type { CustomFetch } from 'openid-client';
import { v4 } from 'uuid';
import { createAccessTokenKeys } from './access-token/keys.ts';
import { createAccessTokenVerifier } from './access-token/verify.ts';
import { countStrayEvents, keepPartitionsAhead } from './audit/partitions.ts';
import { recordAudit } from './audit/record.ts';
import { buildInfo } from './build-info.ts';
import type { Config } from './config.ts';
import { createDatabaseClock } from './db/clock.ts';
import { closeDatabase, createDatabase } from './db/driver/client.ts';
import { refuseUnfitDatabase } from './db/driver/start-check.ts';
import { watchDatabase } from './db/driver/watch.ts';
import type { Database } from './db/executor.ts';
import { run } from './db/executor.ts';
import { MIGRATIONS_FOLDER, readMigrations } from './db/migrations/migrations.ts';
import { createSchemaGate } from './db/migrations/schema-gate.ts';
import type { Deps } from './deps.ts';
import { createEngine, createLazyEngine, type Engine } from './graphql-engine/engine.ts';
import { observeOutcomes, traceRootFields } from './graphql-engine/observe-fields.ts';
import { createSchema } from './graphql-engine/schema.ts';
import { readTrustedDocuments } from './graphql-engine/trusted-documents.ts';
import { createHashQueue } from './hash-queue/queue.ts';
import { tracedHashQueue } from './hash-queue/traced-queue.ts';
import { adminTabs } from './http/admin-tabs.ts';
import type { Handler, Routes } from './http/exchange.ts';
import { asFetch, type Fetch } from './http/fetch.ts';
import { createGraphqlSteps } from './http/graphql-route.ts';
import { createHandler } from './http/handler.ts';
import type { Service } from './http/http-server.ts';
import type { RequestObserver } from './http/observed-request.ts';
import { watchReadiness } from './http/readiness.ts';
import { createAdminRequestList, createRequestList, type RequestList } from './http/routes.ts';
import { MAIL_ANSWER_TIME } from './kernel/even-time.ts';
import { createKeyring } from './kernel/keyring.ts';
import { type Meter, NO_METER } from './kernel/meter.ts';
import type {
  BreachCheck,
  Clock,
  Hasher,
  HashQueue,
  Log,
  Mailer,
  Random,
  Tracer,
} from './kernel/ports.ts';
import { createRandom } from './kernel/random.ts';
import { createMemoryMailer, type MemoryMailer } from './mail/memory-mailer.ts';
import { outboxState } from './mail/outbox-state.ts';
import { createConfiguredSmtpMailer } from './mail/smtp-mailer.ts';
import { watchMailer } from './mail/watched-mailer.ts';
import { startOutboxWorker } from './mail/worker.ts';
import { createMetrics, type Metrics } from './observability/metrics.ts';
import type { Exporters, Telemetry } from './observability/opentelemetry.ts';
import { createRequestLog } from './observability/request-log.ts';
import { keepSampled } from './observability/sampled.ts';
import { observeStatements } from './observability/statements.ts';
import { createIdentityProviders } from './proofs/oauth/providers.ts';
import { shippedBlocklist } from './proofs/password/blocklist.ts';
import { createBreachCheck } from './proofs/password/breach-check.ts';
import { createHasher } from './proofs/password/hasher.ts';
import type { Parameters } from './proofs/password/phc.ts';
import { createRateLimiter } from './rate-limit/limiter.ts';
import { createDeferredRefunds, type DeferredRefunds } from './rate-limit/refunds.ts';
import { type CounterState, refundIfUnchanged } from './rate-limit/store.ts';
import { purgesOf } from './retention/purges.ts';
import { startRetention } from './retention/worker.ts';
import { makeRoles } from './role/held.ts';
import { readLag } from './statistics/read.ts';
import { startStatistics } from './statistics/worker.ts';

/** Makes the routes of the pages that a development server shows, with every mail that it sent. */
export type DevelopmentPages = (options: {
  readonly mailer: MemoryMailer;
  readonly config: Pick<Config, 'publicUrl' | 'oauth'>;
}) => Routes;

/** Replacements for tests. */
export type Overrides = {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly mailer?: Mailer;
  readonly breachCheck?: BreachCheck;
  /** Sends the requests to identity providers, in place of the guarded fetch. */
  readonly providerFetch?: CustomFetch;
  /** Exporters in place of a collector. */
  readonly exporters?: Exporters;
  /** False: Yoga alone answers, which must look the same from outside. */
  readonly directPath?: boolean;
  /** The pages of development; the server's own code has none. */
  readonly developmentPages?: DevelopmentPages;
  /** The cost parameters of a derivation, for tests that are not about hashing. */
  readonly hashParameters?: Parameters;
  readonly wrapHasher?: (hasher: Hasher) => Hasher;
  /** Replaces delays, in milliseconds and in mails a second, for tests that are about something else. */
  readonly slowness?: { readonly mailAnswer: number; readonly mailRate: number };
};

/** What answers on one listener, also for the platform's Request and Response. */
type Listener = Service & { readonly fetch: Fetch };

/** The server, which answers when its handler is called. It does not listen. */
export type App = Listener & {
  /** The administrators' listener; null if ADMIN_PORT is off. */
  readonly admin: Listener | null;
  readonly deps: Deps;
  /** Null if neither METRICS_PORT nor a collector is configured. */
  readonly metrics: Metrics | null;
  /** Makes /health/ready answer 503, so that load balancers use other instances. */
  drain(): void;
  isDraining(): boolean;
  /** Finishes background work, and closes every connection. */
  close(): Promise<void>;
};

/**
 * Builds the server from its configuration. This is the only file of the server that constructs its
 * parts. The operator's commands need few of them and construct their own (cli/with-database.ts).
 *
 * @throws MigrationError if the database does not have this version's migrations (CF-5)
 */
export async function createApp(
  config: Config,
  ownLog: Log,
  overrides: Overrides = {},
): Promise<App> {
  // Files first: if one is missing or truncated, nothing has been started that would have to stop (PW-8).
  const { trustedDocuments } = config;
  const trusted = trustedDocuments === null ? null : await readTrustedDocuments(trustedDocuments);
  shippedBlocklist();
  const random = overrides.random ?? createRandom();
  const metrics = isMeasured(config) ? createMetrics(buildInfo()) : null;
  const telemetry = await startOwnTelemetry(config, ownLog, { metrics, random, ...overrides });
  const log = telemetry?.logged(ownLog) ?? ownLog;
  const meter: Meter = metrics ?? NO_METER;
  const tracer = telemetry?.tracer ?? null;
  const { databaseUrl: url, databasePoolSize: poolSize } = config;
  const watch = watchDatabase(url);
  const aroundStatement = observeStatements(metrics, tracer);
  const db = createDatabase({ url, poolSize, log, aroundStatement, onReadOnly: watch.renew });
  const gate = createSchemaGate(db, await readMigrations(MIGRATIONS_FOLDER), log);
  const checked = gate
    .refuseOutdated()
    .then(() => refuseUnfitDatabase(db))
    .then(() => startWithPartitions(db, log))
    .then(() => startWithRoles(db, config));
  // Built while the database accepts the connection: neither waits for the other (ADR-0022).
  const schema = observeOutcomes(createSchema({ sorted: false }));
  await checked;
  const { clock, stop: stopClock } = await openClock(db, log, overrides.clock);
  const keyring = createKeyring(config.secretKeys, random);
  const hashQueue = createOwnHashQueue(config.password, tracer);
  const { hashParameters = config.password, wrapHasher = (own: Hasher) => own } = overrides;
  const ownHasher = createHasher({
    ...{ memoryKib: hashParameters.memoryKib, iterations: hashParameters.iterations },
    ...{ random, queue: hashQueue, peppers: keyring.keys('password-pepper') },
  });
  const hasher = wrapHasher(ownHasher);
  const breachCheck = config.password.breachCheck
    ? (overrides.breachCheck ?? createBreachCheck({ fetch: globalThis.fetch, log }))
    : null;
  const { providerFetch } = overrides;
  const identityProviders = createIdentityProviders({
    ...{ config, clock, tracer },
    ...(providerFetch && { fetch: providerFetch }),
  });
  const { rateLimiter, deferredRefunds } = createOwnRateLimiter({
    db,
    clock,
    random,
    keyring,
    log,
    meter,
  });
  const outside = { config, clock, random, log, meter, db, keyring, hasher, hashQueue };
  const base = { ...outside, breachCheck, identityProviders, rateLimiter };
  const accessTokenKeys = await createAccessTokenKeys(base);
  const accessTokenVerifier = createAccessTokenVerifier({ ...base, accessTokenKeys });
  const mailbox = config.mail.smtpUrl === null ? createMemoryMailer({ log, clock }) : null;
  const ownMailer = mailbox ?? watchMailer(createConfiguredSmtpMailer(config.mail), log);
  const mailer = overrides.mailer ?? ownMailer;
  const { mailAnswer = MAIL_ANSWER_TIME, mailRate = config.mail.rate } = overrides.slowness ?? {};
  const throughput = { concurrency: config.mail.concurrency, rate: mailRate };
  const outbox = startOutboxWorker({ ...base, mailer, tracer }, { throughput });
  const retention = startRetention(base, purgesOf(config), {
    prepare: () => keepPartitionsAhead(base),
  });
  const statistics = startStatistics(base);
  const timed = { ...base, mailAnswerTime: mailAnswer };
  const deps: Deps = { ...timed, accessTokenKeys, accessTokenVerifier, outbox };
  let draining = false;
  const probe = () => watch.look(gate);
  const { lastSuccess, renew } = db.pool;
  // After a switch-over, older connections still lead to the previous primary.
  const readiness = await watchReadiness({ probe, lastSuccess, log, onChange: renew });
  const isReady = () => !draining && readiness.isReady();
  // In the background: a start neither waits for the mail server nor fails because of it.
  if (mailer === ownMailer && 'checkServerSoon' in ownMailer) ownMailer.checkServerSoon();
  if (tracer) traceRootFields(schema, tracer, { trustsNames: trusted !== null });
  const engine = createEngine({ schema, trusted, config });
  const { directPath = true, developmentPages } = overrides;
  const observer = observeAll([createRequestLog(log), metrics, tracer]);
  const requestList = createRequestList(deps, {
    graphql: createGraphqlSteps(config, engine, { directPath }),
    isReady,
    observer,
    pages:
      config.mode === 'development' && mailbox && developmentPages
        ? developmentPages({ mailer: mailbox, config })
        : {},
  });
  const readOutbox = () => run(db, outboxState(clock.now()));
  const outboxSample = metrics && keepSampled(readOutbox, { log, what: 'outbox' });
  const straySample =
    metrics && keepSampled(() => run(db, countStrayEvents()), { log, what: 'stray audit events' });
  const lagSample = metrics && keepSampled(() => readLag(base), { log, what: 'statistics' });
  metrics?.watch({
    isReady,
    isReadOnly: watch.isReadOnly,
    hashing: hashQueue.stats,
    pool: db.pool.stats,
    outbox: () => outboxSample?.latest() ?? null,
    strayEvents: () => straySample?.latest() ?? null,
    statisticsLag: () => lagSample?.latest() ?? null,
    signingKey: accessTokenKeys.rotation,
    retention: retention.stats,
  });
  const around = telemetry?.around ?? ((handler: Handler) => handler);
  const listener = (list: RequestList, own: Config): Listener => {
    const handle = around(createHandler(deps, list, own));
    return { handle, takesBody: list.takesBody, fetch: asFetch(handle) };
  };
  // No page of another origin may use this listener, whatever CORS_ORIGINS allows on the public one.
  const adminConfig: Config = { ...config, publicUrl: config.admin.origin, corsOrigins: [] };
  const adminList = createAdminRequestList(
    { ...deps, config: adminConfig },
    {
      admin: createGraphqlSteps(adminConfig, createAdminEngine(config, tracer), {
        ...{ directPath, path: '/admin/graphql', tabs: adminTabs },
      }),
      graphql: createGraphqlSteps(adminConfig, engine, { directPath }),
      observer,
    },
  );
  return {
    ...listener(requestList, config),
    admin: config.admin.port === null ? null : listener(adminList, adminConfig),
    deps,
    metrics,
    drain: () => {
      draining = true;
    },
    isDraining: () => draining,
    close: async () => {
      draining = true;
      await retention.stop();
      await statistics.stop();
      await outboxSample?.stop();
      await straySample?.stop();
      await lagSample?.stop();
      await outbox.stop();
      mailer.close();
      await accessTokenKeys.stop();
      stopClock();
      deferredRefunds.stop();
      await readiness.stop();
      await watch.close();
      await closeDatabase(db);
      await telemetry?.stop();
      metrics?.stop();
    },
  };
}

/** Built for the first request: the schema of administrators delays no start (ADR-0022). */
function createAdminEngine(config: Config, tracer: Tracer | null): Engine {
  return createLazyEngine(async () => {
    const { createAdminSchema } = await import('./admin/schema.ts');
    const schema = observeOutcomes(createAdminSchema({ sorted: false }));
    if (tracer) traceRootFields(schema, tracer, { trustsNames: false });
    return createEngine({ schema, trusted: null, config });
  });
}

/** A clock that follows the database's clock until `stop()`. */
async function openClock(
  db: Database,
  log: Log,
  override?: Clock,
): Promise<{ readonly clock: Clock; stop(): void }> {
  if (override) return { clock: override, stop: () => undefined };
  const clock = await createDatabaseClock(db, { log });
  return { clock, stop: clock.stop };
}

function createOwnHashQueue(
  { hashConcurrency, hashQueue }: Config['password'],
  tracer: Tracer | null,
): HashQueue {
  const queue = createHashQueue({ concurrency: hashConcurrency, capacity: hashQueue });
  return tracer ? tracedHashQueue(queue, tracer) : queue;
}

/** The rate limiter, its deferred refunds, and the audit event of every limit that closes. */
function createOwnRateLimiter(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'log' | 'meter'>,
): Pick<Deps, 'rateLimiter'> & { readonly deferredRefunds: DeferredRefunds<CounterState> } {
  const deferredRefunds = createDeferredRefunds<CounterState>(deps, (counter) =>
    run(deps.db, refundIfUnchanged(counter)),
  );
  const rateLimiter = createRateLimiter({
    ...deps,
    deferredRefunds,
    onClosed: (rule, client) =>
      run(
        deps.db,
        recordAudit(deps, {
          type: 'RATE_LIMITED',
          userId: null,
          client,
          detail: { limit: rule.name },
        }),
      ),
  });
  return { rateLimiter, deferredRefunds };
}

/** Measuring has a cost, so the server measures only if metrics are collected. */
function isMeasured({ metricsPort, telemetry }: Config): boolean {
  return metricsPort !== null || (telemetry?.metricsUrl ?? null) !== null;
}

/** OpenTelemetry is loaded only if a collector is configured. */
async function startOwnTelemetry(
  config: Config,
  log: Log,
  own: {
    readonly metrics: Metrics | null;
    readonly random: Random;
    readonly exporters?: Exporters;
  },
): Promise<Telemetry | null> {
  if (config.telemetry === null) return null;
  const { startTelemetry } = await import('./observability/opentelemetry.ts');
  const { metrics, random, exporters } = own;
  return startTelemetry(config.telemetry, log, {
    version: buildInfo().version,
    instanceId: v4({ random: random.bytes(16) }),
    registry: metrics?.registry ?? null,
    exporters,
  });
}

/** Reports each answered request to the log, the metrics and the trace. */
function observeAll(observers: readonly (RequestObserver | null)[]): RequestObserver {
  return {
    observe(request) {
      for (const observer of observers) observer?.observe(request);
    },
  };
}

/** Creates the partition of the current month, which may be missing after a long stop. A failure does not prevent the start, because events are stored without it. */
async function startWithPartitions(db: Database, log: Log): Promise<void> {
  await keepPartitionsAhead({ db, log }).catch((error: unknown) => {
    log.error({ err: error }, 'audit partition creation failed');
  });
}

/** Makes the roles that everybody who registers is given (CL-5). */
async function startWithRoles(
  db: Database,
  { claims: { defaultRoles } }: Pick<Config, 'claims'>,
): Promise<void> {
  if (defaultRoles.length > 0) await run(db, makeRoles(defaultRoles, new Date()));
}
