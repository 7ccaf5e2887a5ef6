import { createServer, type Server } from 'node:http';
import { createListener } from './api/listener.ts';
import { type App, createApp } from './app.ts';
import {
  type Config,
  ConfigError,
  loadConfig,
  readEnvironment,
  scrubEnvironment,
} from './config.ts';
import { MIGRATIONS_FOLDER } from './db/folder.ts';
import { migrateUp } from './db/migrate.ts';
import { SECOND } from './kernel/duration.ts';
import type { Log } from './kernel/ports.ts';
import { createLog } from './log.ts';
import { describeCost } from './proofs/password/cost.ts';

/** Load balancers notice /health/ready in this time; only then are new connections refused. */
const UNREADY_BEFORE_CLOSING = 3 * SECOND;

/** What is still under way after this long is cut off: the orchestrator's own limit comes next. */
const DRAIN_LIMIT = 9 * SECOND;

async function main(): Promise<void> {
  const config = readConfig();
  const log = await createLog(config);
  if (config.migrateOnStart)
    await migrateUp(config.databaseUrl, { folder: MIGRATIONS_FOLDER, log });
  const app = await createApp(config, log);
  const server = createServer(
    { maxHeaderSize: 16_384, headersTimeout: 10 * SECOND, requestTimeout: 30 * SECOND },
    createListener(app.fetch, config.publicUrl, log),
  );
  // Longer than a load balancer keeps an idle connection, so that it never meets a closed one.
  server.keepAliveTimeout = 75 * SECOND;
  await listen(server, config);
  const stop = createStop({ server, app, config, log });
  process.once('SIGTERM', () => stop(0));
  process.once('SIGINT', () => stop(0));
  // LO-7: the state is unknown after an error nobody caught. Say it once, finish, and leave.
  const fatal = (error: unknown) => {
    log.error({ err: error }, 'an error nobody caught; stopping');
    stop(1);
  };
  process.once('uncaughtException', fatal);
  process.once('unhandledRejection', fatal);
  announce(config, log);
  await tellHashCost(config, log);
}

function readConfig(): Config {
  try {
    const config = loadConfig(readEnvironment());
    scrubEnvironment();
    return config;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(78);
  }
}

function listen(server: Server, config: Config): Promise<void> {
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'is taken; set PORT to a free one' : error.code;
      console.error(`Port ${config.port} on ${config.host} ${reason}.`);
      process.exit(1);
    });
    server.listen(config.port, config.host, resolve);
  });
}

function createStop(running: {
  readonly server: Server;
  readonly app: App;
  readonly config: Config;
  readonly log: Log;
}): (exitCode: number) => void {
  const { server, app, config, log } = running;
  let stopping = false;
  return (exitCode) => {
    if (stopping) return;
    stopping = true;
    app.drain();
    log.info({}, 'draining');
    setTimeout(() => process.exit(exitCode), DRAIN_LIMIT).unref();
    const close = async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      await closed;
      await app.close();
      log.info({}, 'stopped');
      process.exit(exitCode);
    };
    setTimeout(close, config.mode === 'production' ? UNREADY_BEFORE_CLOSING : 0);
  };
}

function announce(config: Config, log: Log): void {
  log.info({ host: config.host, port: config.port }, 'listening');
  if (config.mode === 'production') return;
  console.log(
    [
      '',
      `  GraphiQL  ${config.publicUrl}/graphql`,
      `  Mailbox   ${config.publicUrl}/dev/mailbox`,
      `  Keys      ${config.publicUrl}/.well-known/jwks.json`,
      '',
    ].join('\n'),
  );
}

/** After the start: sign-ins are served meanwhile, and wait no longer than behind another. */
async function tellHashCost({ password }: Config, log: Log): Promise<void> {
  log.info({ ...(await describeCost(password)) }, 'what one password verification costs');
}

await main();
