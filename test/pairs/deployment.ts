import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createSession, createTransport } from '../../client/src/index.ts';
import { createAuthHandler } from '../../client/src/server.ts';
import { freePort, type ServerProcess, spawnServer } from '../process/spawn.ts';
import { createSmtpSink, type SmtpSink } from '../support/smtp-sink.ts';
import { until } from '../support/until.ts';
import { type Deployment, FACTORS } from './factors.ts';
import type { Client } from './journey.ts';

const FRONTEND = 'https://app.example.com';
const ORIGINS = [FRONTEND, 'https://admin.example.com'] as const;
const TRUSTED = fileURLToPath(new URL('../../client/operations.json', import.meta.url));
const BREACH_SERVICE = new URL('./breach-service.ts', import.meta.url).href;

/** One provider of each kind: OAuth 2.0, OpenID Connect, and posted answers. */
const PRESETS = [
  { preset: 'github', clientId: 'client', clientSecret: 'secret of the client' },
  { preset: 'gitlab', clientId: 'client', clientSecret: 'secret of the client' },
  {
    ...{ preset: 'apple', clientId: 'com.example', teamId: 'TEAM123456', keyId: 'KEY1234567' },
    privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString(),
  },
];

/** A deployment that runs, with what stands around it. */
export type Running = {
  readonly process: ServerProcess;
  readonly client: Client;
  /** Its address, as those who talk to it write it. */
  readonly url: string;
  readonly metricsPort: number;
  /** The paths that telemetry was posted to. */
  readonly exported: ReadonlySet<string>;
  close(): Promise<void>;
};

/** Starts a deployment on a database of its own, with a mail server and a collector of its own. */
export async function start(deployment: Deployment, databaseUrl: string): Promise<Running> {
  const sink = await createSmtpSink();
  const collector = await startCollector();
  const port = await freePort();
  const metricsPort = await twoFreePorts();
  const server = spawnServer({
    command: ['--import', BREACH_SERVICE, 'src/main.ts'],
    env: settingsOf(deployment, {
      databaseUrl,
      smtpUrl: sink.url,
      port,
      metricsPort,
      collectorUrl: collector.url,
    }),
  });
  const close = async () => {
    server.kill('SIGKILL');
    await server.ended;
    await Promise.all([sink.stop(), collector.close()]);
  };
  try {
    await server.listening();
    const count = () => server.output().split('listening').length - 1;
    await until(() => count() >= Number(deployment.workers), 60_000);
  } catch (error) {
    await close();
    throw new Error(`It did not start:\n${server.output()}`, { cause: error });
  }
  const url = `http://${addressOf(deployment.host)}:${port}`;
  const client = clientOf(deployment, { url, port, sink });
  return { process: server, client, url, metricsPort, exported: collector.paths, close };
}

/** A port that is free, and so is the next one: each worker has its metrics on its own. */
async function twoFreePorts(): Promise<number> {
  for (;;) {
    const port = await freePort();
    const next = createServer().listen(port + 1, '127.0.0.1');
    const isFree = await once(next, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    next.close();
    await once(next, 'close');
    return port;
  }
}

/** The environment of a deployment. */
export function settingsOf(
  deployment: Deployment,
  parts: {
    readonly databaseUrl: string;
    readonly smtpUrl: string;
    readonly port: number;
    readonly metricsPort: number;
    readonly collectorUrl: string;
  },
): Readonly<Record<string, string>> {
  const { port, metricsPort } = parts;
  return {
    NODE_ENV: deployment.mode,
    HOST: deployment.host,
    PORT: String(port),
    PUBLIC_URL: `http://localhost:${port}`,
    DATABASE_URL: parts.databaseUrl,
    DATABASE_POOL_SIZE: '4',
    SECRET_KEYS: randomBytes(32).toString('base64'),
    SMTP_URL: parts.smtpUrl,
    MAIL_FROM: 'Example <no-reply@example.com>',
    REFRESH_COOKIE: String(deployment.cookie === 'on'),
    LATCHKEY_WORKERS: deployment.workers,
    PASSWORD_BREACH_CHECK: String(deployment.breach === 'on'),
    EMAIL_VERIFICATION: deployment.verification,
    MFA_REQUIRED: String(deployment.mfa === 'required'),
    TRUSTED_PROXY_HOPS: deployment.proxy === 'one' ? '1' : '0',
    GRAPHIQL: String(deployment.introspection === 'on'),
    INTROSPECTION: String(deployment.introspection === 'on'),
    LOG_LEVEL: 'info',
    ...(deployment.door === 'ssr' && { APP_URL: FRONTEND }),
    ...(deployment.documents === 'trusted' && { TRUSTED_DOCUMENTS: TRUSTED }),
    ...(deployment.origins === 'two' && { CORS_ORIGINS: ORIGINS.join(',') }),
    ...(deployment.metrics === 'on' && { METRICS_PORT: String(metricsPort) }),
    ...(deployment.providers === 'presets' && { OAUTH_PROVIDERS: JSON.stringify(PRESETS) }),
    ...(deployment.telemetry === 'otlp' && { OTEL_EXPORTER_OTLP_ENDPOINT: parts.collectorUrl }),
  };
}

function addressOf(host: Deployment['host']): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host.includes(':') ? '[::1]' : host;
}

function clientOf(
  deployment: Deployment,
  where: { readonly url: string; readonly port: number; readonly sink: SmtpSink },
): Client {
  const endpoint = `${where.url}/graphql`;
  const cookie = deployment.cookie === 'on';
  const isForeign = deployment.door === 'ssr' || deployment.origins === 'two';
  const origin = isForeign ? FRONTEND : `http://localhost:${where.port}`;
  const cookies = new Map<string, string>();
  const addressOf = () => (deployment.proxy === 'one' ? '203.0.113.7' : null);
  const handle = createAuthHandler({ endpoint, addressOf });

  const ask = async (request: Request): Promise<Response> => {
    if (deployment.door === 'ssr') return await handle(request);
    if (deployment.proxy === 'one') request.headers.set('x-forwarded-for', '203.0.113.7');
    return await fetch(request);
  };
  const transport = createTransport({
    endpoint: deployment.door === 'ssr' ? `${FRONTEND}/api/auth` : endpoint,
    cookie,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      request.headers.set('origin', origin);
      if (request.credentials === 'include')
        request.headers.set('cookie', [...cookies].map((pair) => pair.join('=')).join('; '));
      const response = await ask(request);
      for (const line of response.headers.getSetCookie()) {
        const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=', 2);
        if (value) cookies.set(name, value);
        else cookies.delete(name);
      }
      return response;
    },
  });
  return {
    open: () =>
      createSession({
        transport,
        storage: cookie ? 'cookie' : 'memory',
        locks: null,
        channel: null,
      }),
    code: (email, subject) =>
      until(() => {
        const mail = where.sink.mails.findLast(
          ({ to, data }) => to.includes(email) && data.includes(`Subject: ${subject}`),
        );
        const [, body = ''] = mail?.data.split(/\r?\n\r?\n(.*)/s) ?? [];
        return /\b(\d{4}) ?(\d{4})\b/.exec(body)?.slice(1).join('');
      }, 30_000),
  };
}

/** What is otherwise than in a new deployment. */
export function differences(deployment: Deployment): string {
  const names = Object.keys(FACTORS) as (keyof Deployment)[];
  const found = names.filter((name) => deployment[name] !== FACTORS[name][0]);
  return found.map((name) => `${name} ${deployment[name]}`).join(', ') || 'a new deployment';
}

/** Takes whatever OTLP exporters post. */
async function startCollector() {
  const paths = new Set<string>();
  const server: Server = createServer((incoming, outgoing) => {
    paths.add(incoming.url ?? '');
    incoming.resume().on('end', () => outgoing.writeHead(200).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    paths,
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
