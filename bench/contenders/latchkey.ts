import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../dev/postgres/port.ts';
import { IMAGE_FLAGS } from '../../scripts/build/image-flags.ts';
import { migrateUp } from '../../src/db/migrations/migrate.ts';
import { MIGRATIONS_FOLDER } from '../../src/db/migrations/migrations.ts';
import { SILENT } from '../../test/support/silent-log.ts';
import { call } from '../lib/load.ts';
import { startProgram } from '../lib/program.ts';
import {
  graphql,
  loginRequest,
  refreshCaller,
  signInCaller,
  type Tokens,
  tokensOf,
  viewerCaller,
} from './callers.ts';
import { type Host, httpContender, times } from './contender.ts';

/** This server, running, on a database with people in it. */
export type Latchkey = Host & {
  readonly port: number;
  /** The keys that a floor needs to use the same tokens. */
  readonly env: Readonly<Record<string, string>>;
  /** Signs in that many people, each once. */
  signIn(first: number, count: number): Promise<readonly Tokens[]>;
};

/** One root secret for all starts, because values in the database are sealed or peppered with it. */
export const SECRET_KEYS = randomBytes(32).toString('base64');

const MAIN = {
  bundle: fileURLToPath(new URL('../../dist/main.mjs', import.meta.url)),
  sources: fileURLToPath(new URL('../../src/main.ts', import.meta.url)),
};

/** The image's own variables, word for word: a test holds them against the Dockerfile. */
export const IMAGE_ENV = {
  MALLOC_ARENA_MAX: '1',
};

/** Starts the server as the image does. The database must be migrated (`prepare`). */
export async function startLatchkey(
  databaseUrl: string,
  options: {
    readonly from?: keyof typeof MAIN;
    /** Arguments of node besides the image's. */
    readonly flags?: readonly string[];
    readonly name?: string;
    readonly pin?: boolean;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<Omit<Latchkey, 'contenders'>> {
  const port = await freePort(0);
  const env = {
    ...IMAGE_ENV,
    DATABASE_URL: databaseUrl,
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    SECRET_KEYS,
    SMTP_URL: 'smtp://127.0.0.1:9',
    MAIL_FROM: 'bench@bench.example',
    // Callers come from many addresses, as they do through a load balancer.
    TRUSTED_PROXY_HOPS: '1',
    ...options.env,
  };
  const program = await startProgram({
    args: [...IMAGE_FLAGS, ...(options.flags ?? []), MAIN[options.from ?? 'bundle']],
    port,
    env,
    pin: options.pin ?? true,
    isReady: async () => (await call(port, graphql('{ viewer { user { id } } }'))).status === 200,
  });
  return {
    name: options.name ?? 'latchkey',
    port,
    env,
    program,
    async signIn(first, count) {
      const tokens: Tokens[] = [];
      for (let person = first; person < first + count; person += 1)
        tokens.push(tokensOf('login', await call(port, loginRequest(person))));
      return tokens;
    },
  };
}

/** The hot operations of a running server, with callers that are signed in already. */
export async function withContenders(
  server: Omit<Latchkey, 'contenders'>,
  load: { readonly connections: number; readonly people: number },
): Promise<Latchkey> {
  const { name, port } = server;
  const { connections, people } = load;
  const seats = await server.signIn(1, 2 * connections);
  const callers = {
    alone: () => seats.slice(0, 1).map((seat) => viewerCaller(seat.accessToken)),
    viewer: () => seats.slice(0, connections).map((seat) => viewerCaller(seat.accessToken)),
    refresh: () => seats.slice(connections).map((seat) => refreshCaller(seat.refreshToken)),
    'sign-in': () => times(connections, (index) => signInCaller(index, connections, people)),
  };
  return {
    ...server,
    contenders: [
      httpContender({ name, port, operation: 'viewer' }, callers.viewer),
      httpContender({ name, port, operation: 'viewer, one caller' }, callers.alone),
      httpContender({ name, port, operation: 'refresh' }, callers.refresh),
      httpContender({ name, port, operation: 'sign-in' }, callers['sign-in']),
    ],
  };
}

/** Migrates an empty database to this version. */
export async function migrate(databaseUrl: string): Promise<void> {
  await migrateUp(databaseUrl, { folder: MIGRATIONS_FOLDER, log: SILENT });
}
