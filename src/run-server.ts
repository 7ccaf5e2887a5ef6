import type { Server } from 'node:http';
import { type App, createApp, type DevelopmentPages } from './app.ts';
import {
  type Config,
  ConfigError,
  loadConfig,
  readEnvironment,
  scrubEnvironment,
  warningsOf,
} from './config.ts';
import { migrateUp } from './db/migrations/migrate.ts';
import { MIGRATIONS_FOLDER } from './db/migrations/migrations.ts';
import { letHashesYield } from './hash-queue/yield.ts';
import { createHttpServer } from './http/http-server.ts';
import { listen } from './http/listen.ts';
import { SECOND } from './kernel/duration.ts';
import { ServiceUnavailableError } from './kernel/errors.ts';
import type { Log } from './kernel/ports.ts';
import { createLog } from './observability/log.ts';
import { createMetricsServer } from './observability/prometheus.ts';
import { describeCost } from './proofs/password/cost.ts';
import { readableSecretFiles } from './settings/sources.ts';
import { FINISH, isWorker, SERVING, supervise } from './workers.ts';

/** The time in which load balancers notice /health/ready. After it, new connections are refused. */
const UNREADY_BEFORE_CLOSING = 3 * SECOND;

/** Requests still under way after this time are cut off: the orchestrator's own limit comes next. */
const DRAIN_LIMIT = 9 * SECOND;

/** A worker ends itself within DRAIN_LIMIT. Its supervisor kills it after this time. */
const WORKERS_DRAIN_LIMIT = DRAIN_LIMIT + SECOND / 2;

/** How often idle connections are closed while the server drains. */
const IDLE_CHECK = 50;

/** EX_CONFIG of sysexits.h: a restart does not help. */
const BAD_CONFIGURATION = 78;

/**
 * On Linux each worker listens for itself, and the kernel distributes connections (SO_REUSEPORT). If a
 * worker dies, the connections that it had not accepted are reset at once, and a retry reaches another
 * worker (F-2, ADR-0023). On other systems node:cluster distributes connections.
 */
const SHARED_PORT = { reusePort: isWorker() && process.platform === 'linux' };

/** The parts of the server that its entry point supplies. */
type FrontDoor = {
  readonly exit: (code: number) => never;
  /** Null in main.ts: production has no such pages. */
  readonly developmentPages: DevelopmentPages | null;
};

type Running = FrontDoor & {
  readonly servers: readonly Server[];
  readonly app: App;
  readonly config: Config;
  readonly log: Log;
};

/** Runs the server until a signal stops it. A server that cannot start prints the reason and exits. */
export async function runServer(frontDoor: FrontDoor): Promise<void> {
  try {
    await start(frontDoor);
  } catch (error) {
    const isConfig = error instanceof ConfigError;
    console.error(isConfig ? error.message : `Latchkey could not start: ${explain(error)}`);
    frontDoor.exit(isConfig ? BAD_CONFIGURATION : 1);
  }
}

async function start(frontDoor: FrontDoor): Promise<void> {
  const env = readEnvironment();
  const config = loadConfig(env);
  const exposed = isWorker() ? [] : readableSecretFiles(env);
  const warnings = isWorker() ? [] : warningsOf(env);
  scrubEnvironment();
  const log = await createLog(config);
  for (const setting of exposed) {
    log.warn({ setting }, 'secret file readable by all users');
  }
  for (const warning of warnings) log.warn(warning, 'setting warning');
  if (config.migrateOnStart)
    await migrateUp(config.databaseUrl, { folder: MIGRATIONS_FOLDER, log });
  if (config.workers === 1 || isWorker()) return await serve(config, log, frontDoor);
  const { exit } = frontDoor;
  const workers = supervise({ config, env, log, drainLimit: WORKERS_DRAIN_LIMIT, exit });
  stopOnSignal(workers.stop, log);
}

async function serve(config: Config, log: Log, frontDoor: FrontDoor): Promise<void> {
  const { developmentPages } = frontDoor;
  const app = await createApp(config, log, { ...(developmentPages && { developmentPages }) });
  const server = createHttpServer(app, config, log);
  closeWhileDraining(server, app);
  const { host, port, metricsHost, metricsPort } = config;
  const listening = await listen(server, { host, port, setting: 'PORT', ...SHARED_PORT });
  if (app.metrics && metricsPort !== null) {
    const at = { host: metricsHost, port: metricsPort, exclusive: true };
    await listen(createMetricsServer(app.metrics, log), { ...at, setting: 'METRICS_PORT' });
  }
  const admin = await listenForAdmins(app, config, log);
  const servers = admin ? [server, admin] : [server];
  const stop = createStop({ ...frontDoor, servers, app, config, log });
  stopOnSignal(stop, log);
  if (isWorker()) {
    process.on('message', (message) => {
      if (message === FINISH) stop(0);
    });
    process.send?.(SERVING);
  }
  announce({ ...config, host: listening }, log, {
    hasPages: developmentPages !== null,
    hasAdmin: admin !== null,
  });
  // The thread pool is running: it has read the migrations. The first hash yields to the first response.
  letHashesYield(log);
  await logHashCost(config, log);
}

/** Makes clients open another connection, to another instance. */
function closeWhileDraining(server: Server, app: App): void {
  server.prependListener('request', (_incoming, outgoing) => {
    if (app.isDraining()) outgoing.setHeader('connection', 'close');
  });
}

/** More connections than all administrators and their machines have. The public listener needs the descriptors. */
const ADMIN_CONNECTIONS = 200;

/**
 * Listens on ADMIN_PORT. Two servers on a developer's machine often have ports in a row: the second one then runs
 * without this listener, and says so.
 *
 * @returns null if the listener is off
 */
async function listenForAdmins(app: App, config: Config, log: Log): Promise<Server | null> {
  const { host, port, origin } = config.admin;
  if (!app.admin || port === null) return null;
  const settings = { ...config, publicUrl: origin };
  const server = createHttpServer(app.admin, settings, log, { connections: ADMIN_CONNECTIONS });
  closeWhileDraining(server, app);
  try {
    const listening = await listen(server, { host, port, setting: 'ADMIN_PORT', ...SHARED_PORT });
    log.info({ host: listening, port }, 'listening for administrators');
    return server;
  } catch (error) {
    if (config.mode === 'production') throw error;
    log.warn({ err: error }, 'admin listener not available');
    return null;
  }
}

function stopOnSignal(stop: (exitCode: number) => void, log: Log): void {
  // Once: a second signal ends the process immediately.
  process.once('SIGTERM', () => stop(0));
  process.once('SIGINT', () => stop(0));
  // LO-7: the state is unknown after an uncaught error. Log it once, drain, and exit. The handlers stay:
  // without them a second error, while draining, would end the process with a raw stack.
  let isDoomed = false;
  const fatal = (error: unknown) => {
    if (isDoomed) return;
    isDoomed = true;
    log.error({ err: error }, 'uncaught error');
    stop(1);
  };
  process.on('uncaughtException', fatal);
  process.on('unhandledRejection', fatal);
}

/** Stops the server after its requests have finished. Another call can only raise the exit code. */
function createStop({ servers, app, config, log, exit }: Running): (exitCode: number) => void {
  let stopping = false;
  let exitCode = 0;
  const close = async () => {
    const closed = Promise.all(
      servers.map((server) => new Promise((resolve) => server.close(resolve))),
    );
    const idle = setInterval(() => {
      for (const server of servers) server.closeIdleConnections();
    }, IDLE_CHECK);
    await closed;
    clearInterval(idle);
    await app.close();
  };
  return (code) => {
    exitCode ||= code;
    if (stopping) return;
    stopping = true;
    app.drain();
    log.info({}, 'draining');
    setTimeout(() => {
      log.warn({}, 'drain timed out');
      exit(exitCode);
    }, DRAIN_LIMIT).unref();
    const pause = config.mode === 'production' ? UNREADY_BEFORE_CLOSING : 0;
    setTimeout(() => {
      close().then(
        () => {
          log.info({}, 'stopped');
          exit(exitCode);
        },
        (error: unknown) => {
          log.error({ err: error }, 'shutdown failed');
          exit(1);
        },
      );
    }, pause);
  };
}

function announce(
  config: Config,
  log: Log,
  { hasPages, hasAdmin }: { readonly hasPages: boolean; readonly hasAdmin: boolean },
): void {
  log.info({ host: config.host, port: config.port }, 'listening');
  if (config.mode === 'production') return;
  console.log(
    [
      '',
      `  GraphiQL  ${config.publicUrl}/graphql`,
      ...(hasPages ? [`  Mailbox   ${config.publicUrl}/dev/mailbox`] : []),
      `  Keys      ${config.publicUrl}/.well-known/jwks.json`,
      ...(hasAdmin
        ? [
            `  Admin     ${config.admin.origin}/admin/graphql`,
            '            the first administrator: npm run latchkey -- admins grant <email>',
          ]
        : []),
      '',
    ].join('\n'),
  );
}

/** Runs after the start. Sign-ins are served meanwhile, and wait no longer than behind another one. */
async function logHashCost({ password }: Config, log: Log): Promise<void> {
  log.info({ ...(await describeCost(password)) }, 'password hash cost measured');
}

/** The error and its causes, on one line. The messages are our own and hold no secrets. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error.';
  if (error instanceof ServiceUnavailableError && error.cause) return explain(error.cause);
  return error.cause === undefined ? error.message : `${error.message} ${explain(error.cause)}`;
}
