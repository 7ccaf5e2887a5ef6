import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { seedPeople } from '../../../bench/lib/seed.ts';
import { freePort, productionEnv, spawnServer } from '../../process/spawn.ts';
import { databaseUrl, runOnServer, TEMPLATE_DATABASE } from '../../support/postgres.ts';
import { createSmtpSink, type SmtpSink } from '../../support/smtp-sink.ts';
import type { FaultRun } from '../row.ts';
import { type Balancer, openBalancer } from './balancer.ts';
import { launchOf, type RunningServer, startProcess } from './process.ts';
import { openWire, type Wire } from './wire.ts';

/** What a row wants to stand on. */
export type StageOptions = {
  /** Servers to start at once; 1 when left out. */
  readonly servers?: number;
  /** Settings beside a production deployment's. */
  readonly env?: Readonly<Record<string, string>>;
  /** People with a verified address and a password. */
  readonly people?: number;
  /** Servers reach Postgres over the wire proxy. */
  readonly wired?: boolean;
};

/** A database of a row's own, a mail server, and real server processes behind a balancer. */
export type Stage = {
  readonly databaseUrl: string;
  /** As the superuser, past every proxy. */
  readonly sql: postgres.Sql;
  readonly sink: SmtpSink;
  readonly wire: Wire | null;
  readonly balancer: Balancer;
  /** Those that were started and not ended through here. */
  readonly servers: RunningServer[];
  /** One more, or one again, or one of another version: all have the same settings and secrets. */
  start(env?: Readonly<Record<string, string>>, main?: string): Promise<RunningServer>;
  /** What a server here is given, with a port of its own. */
  settings(env?: Readonly<Record<string, string>>): Promise<Record<string, string>>;
  /** Begins one and kills it after so many milliseconds, ready or not. */
  startDoomed(after: number): Promise<void>;
  /** Ends a server and waits for that. */
  end(server: RunningServer, signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
  /** Points the balancer at the servers there are. */
  reroute(): void;
  close(): Promise<void>;
};

/** Builds a stage, hands it over, and clears it away. */
export async function withStage<T>(
  run: FaultRun,
  options: StageOptions,
  work: (stage: Stage) => Promise<T>,
): Promise<T> {
  const stage = await openStage(run, options);
  try {
    return await work(stage);
  } finally {
    await stage.close();
  }
}

async function openStage(run: FaultRun, options: StageOptions): Promise<Stage> {
  const { postgres: server, bundle } = run;
  const name = `faults_${randomBytes(6).toString('hex')}`;
  await runOnServer(server.url, `create database ${name} template ${TEMPLATE_DATABASE}`);
  const url = databaseUrl(server.url, name);
  const sink = await createSmtpSink();
  const wire = options.wired ? await openWire(url) : null;
  const sql = postgres(url, { max: 2, onnotice: () => undefined, idle_timeout: 1 });
  const secrets = options.env?.['SECRET_KEYS'] ?? randomBytes(32).toString('base64');
  if (options.people !== undefined) await seedPeople(url, options.people, secrets);
  const servers: RunningServer[] = [];
  const balancer = openBalancer([]);

  const settings: Stage['settings'] = async (env = {}) => ({
    ...(await productionEnv({ databaseUrl: wire?.url ?? url, smtpUrl: sink.url })),
    PORT: String(await freePort()),
    SECRET_KEYS: secrets,
    TRUSTED_PROXY_HOPS: '1',
    LOG_LEVEL: 'warn',
    ...options.env,
    ...env,
  });
  const stage: Stage = {
    databaseUrl: url,
    sql,
    sink,
    wire,
    balancer,
    servers,
    settings,
    async start(env = {}, main) {
      const which = { bundle, ...(main !== undefined && { main }) };
      const started = await startProcess(await settings(env), which);
      servers.push(started);
      return started;
    },
    async startDoomed(after) {
      const doomed = spawnServer(launchOf(await settings(), { bundle }));
      await sleep(after);
      doomed.kill('SIGKILL');
      await doomed.ended;
    },
    async end(running, signal) {
      running.kill(signal);
      const how = await running.ended;
      const index = servers.indexOf(running);
      if (index >= 0) servers.splice(index, 1);
      return how;
    },
    reroute: () => balancer.route(servers.map((running) => running.url)),
    async close() {
      balancer.close();
      for (const running of servers) running.kill('SIGKILL');
      await Promise.all(servers.map((running) => running.ended));
      await wire?.close();
      await sql.end({ timeout: 1 });
      await sink.stop();
      await runOnServer(server.url, `drop database if exists ${name} with (force)`);
    },
  };
  try {
    for (let count = 0; count < (options.servers ?? 1); count += 1) await stage.start();
    stage.reroute();
    return stage;
  } catch (error) {
    await stage.close();
    throw error;
  }
}
