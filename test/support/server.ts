import { randomBytes } from 'node:crypto';
import { type App, createApp, type Overrides } from '../../src/app.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import type { Log, Mail, Mailer } from '../../src/kernel/ports.ts';
import type { Document } from './documents.ts';
import { createTestDatabase, type TestDatabase } from './postgres.ts';
import { until } from './until.ts';

/** The whole server on a database of its own, spoken to as a client would. */
export type TestServer = {
  readonly app: App;
  readonly database: TestDatabase;
  readonly logged: readonly LoggedLine[];
  readonly mails: Mail[];
  graphql<Data, Variables>(
    query: Document<Data, Variables>,
    variables?: Variables,
    options?: RequestOptions,
  ): Promise<Answer<Data>>;
  graphql(query: string, variables?: object, options?: RequestOptions): Promise<Answer>;
  /** The administrators' API, on its own listener. */
  admin(query: string, variables?: object, options?: RequestOptions): Promise<Answer>;
  request(path: string, init?: RequestInit): Promise<Response>;
  /** The newest mail to an address once there are `count` of them. */
  mailTo(address: string, count?: number): Promise<ReadMail>;
  close(): Promise<void>;
};

export type LoggedLine = { readonly level: string; readonly message: string } & Record<
  string,
  unknown
>;

type RequestOptions = {
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly address?: string;
};

/** An answer of /graphql. Without a typed document `data` is untyped: a test asserts what it reads. */
// biome-ignore lint/suspicious/noExplicitAny: a test looks into the answer as the client wrote it
export type Answer<Data = any> = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly data: Data;
  readonly errors: readonly {
    readonly message: string;
    readonly extensions?: Record<string, unknown>;
  }[];
};

/** A mail with the two doors it may carry. */
export type ReadMail = Mail & { readonly code: string; readonly token: string };

export type ServerOptions = Overrides & {
  readonly env?: Readonly<Record<string, string>>;
  readonly database?: TestDatabase;
  /** The mailbox of another server on the same database: each of them delivers what both queue. */
  readonly mails?: Mail[];
  /** Where it is the subject what a hash costs or how long an answer takes. As little as can be by default. */
  readonly durations?: 'as-configured';
};

/** The least argon2 allows: everything around a derivation is as ever, its cost is next to none. */
const CHEAPEST = { memoryKib: 8, iterations: 1 } as const;

export async function startTestServer(options: ServerOptions = {}): Promise<TestServer> {
  const {
    env,
    database = await createTestDatabase(),
    durations,
    mails = [],
    ...overrides
  } = options;
  const logged: LoggedLine[] = [];
  const config = testConfig(database, env);
  const mailer: Mailer = {
    send: async (mail) => {
      mails.push(mail);
    },
    close: () => undefined,
  };
  const cheap = durations
    ? {}
    : { hashParameters: CHEAPEST, slowness: { mailAnswer: 0, mailRate: Number.POSITIVE_INFINITY } };
  const app = await createApp(config, collectingLog(logged), { mailer, ...cheap, ...overrides });
  const request = (path: string, init?: RequestInit, address = '127.0.0.1') =>
    app.fetch(new Request(new URL(path, config.publicUrl), init), { remoteAddress: address });
  return {
    app,
    database,
    logged,
    mails,
    request,
    graphql: async (query: string, variables?: object, options: RequestOptions = {}) =>
      answerOf(await request('/graphql', bodyOf(query, variables, options), options.address)),
    admin: async (query, variables, options = {}) => {
      if (!app.admin) throw new Error('The administrators’ listener is off.');
      const url = `${config.admin.origin}/admin/graphql`;
      const remoteAddress = options.address ?? '127.0.0.1';
      const request = new Request(url, bodyOf(query, variables, options));
      return answerOf(await app.admin.fetch(request, { remoteAddress }));
    },
    mailTo: async (address, count = 1) => {
      const mail = await until(() => {
        const received = mails.filter((one) => one.to === address);
        return received.length >= count ? received.at(-1) : undefined;
      });
      return {
        ...mail,
        code: /\b(\d{4}) ?(\d{4})\b/.exec(mail.text)?.slice(1).join('') ?? '',
        token: /[?&]token=([\w-]+)/.exec(mail.text)?.[1] ?? '',
      };
    },
    close: async () => {
      await app.close();
      await database.drop();
    },
  };
}

function bodyOf(
  query: string,
  variables: object | undefined,
  { token, headers }: RequestOptions,
): RequestInit {
  return {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify({ query, variables }),
  };
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const body = text.startsWith('{') ? JSON.parse(text) : {};
  const { status, headers } = response;
  return { status, headers, text, data: body.data, errors: body.errors ?? [] };
}

export function testConfig(
  database: Pick<TestDatabase, 'url'>,
  env: Readonly<Record<string, string>> = {},
): Config {
  return loadConfig({
    NODE_ENV: 'test',
    DATABASE_URL: database.url,
    SECRET_KEYS: randomBytes(32).toString('base64'),
    LOG_LEVEL: 'debug',
    ...env,
  });
}

/** Keeps every line as an operator would have it: with its values as text. */
export function collectingLog(lines: LoggedLine[]): Log {
  const write = (level: string) => (fields: object, message: string) => {
    lines.push({ ...fields, level, message });
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
