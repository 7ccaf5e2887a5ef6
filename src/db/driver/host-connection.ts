import type { Socket } from 'node:net';
import { parsePgArray } from 'drizzle-orm/pg-core';
import postgres from 'postgres';
import type { DatabaseHost, DatabaseTarget } from '../../kernel/database-url.ts';
import type { ServiceUnavailableError } from '../../kernel/errors.ts';
import { isAnswer, unavailable } from '../errors.ts';
import { connect, userOf } from './connect.ts';

/** One statement. `rows` selects the shape of the rows. */
export type Query = {
  readonly text: string;
  readonly params?: readonly unknown[];
  readonly rows?: 'objects' | 'arrays';
};

/** Rows with the command's tag and count. */
export type Rows = postgres.RowList<postgres.Row[]>;

/** Options of a connection to one server, with callbacks for its events. */
export type HostConnectionOptions = {
  readonly host: DatabaseHost;
  readonly target: DatabaseTarget;
  /** Settings sent at login. */
  readonly settings: Readonly<Record<string, string | number>>;
  /** False if the next transaction may run in another session. True by default. */
  readonly prepare?: boolean | undefined;
  /** Converts an error of the driver into one that callers may see. */
  readonly explain: (error: unknown, statement: string) => Error;
  /** True if the connection is useless after this error, although the server answered. */
  readonly isSpentBy: (error: unknown) => boolean;
  readonly onLost: (reason: ServiceUnavailableError) => void;
};

/** One physical connection to one server. A lost connection is never reopened. */
export type HostConnection = {
  /** Statements are sent in order without waiting for each other. */
  readonly run: (statement: Query) => Promise<Rows>;
  /** Fails every call on the connection with this reason at once, whatever the server does. */
  readonly lose: (reason: ServiceUnavailableError) => void;
  /** Closes the connection with Postgres' Terminate message. */
  readonly close: () => Promise<void>;
};

/**
 * Creates a postgres.js client with exactly one connection, over exactly one socket that this module owns.
 *
 * By default, postgres.js (3.4.9) reconnects. A statement of a transaction whose connection was lost would
 * then run outside of any transaction, or would write to a closed socket and crash the process
 * (connection.js, nextWrite). Besides, postgres.js never ends a query whose server is frozen.
 */
export function openHostConnection(options: HostConnectionOptions): HostConnection {
  const { host, target } = options;
  let socket: Socket | null = null;
  let isOpened = false;
  let end: ServiceUnavailableError | null = null;
  // An array, because a Set would keep removed entries from being collected early (ADR-0024).
  const pending: ((reason: unknown) => void)[] = [];

  const lose = (reason: ServiceUnavailableError) => {
    if (end) return;
    end = reason;
    socket?.destroy();
    for (const reject of pending.splice(0)) reject(reason);
    options.onLost(reason);
  };

  const openSocket = async () => {
    if (isOpened || end) {
      lose(unavailable('CONNECTION_CLOSED'));
      // Not the original error, because postgres.js adds the parameters to any error that is thrown here.
      throw new Error('This connection was lost.');
    }
    isOpened = true;
    try {
      return await connect(host, target.tls, (attempt) => {
        socket = attempt;
        if (end) attempt.destroy();
      });
    } catch (error) {
      const code =
        error instanceof Error && 'code' in error ? String(error.code) : 'CONNECT_FAILED';
      lose(unavailable(code));
      throw error;
    }
  };

  const user = userOf(target);
  const client = postgres({
    ...DRIVER_OPTIONS,
    ...{ socket: openSocket },
    user,
    database: target.database ?? user,
    // A function, because the driver treats an empty text as missing and then uses the variable PGPASSWORD.
    pass: () => target.password ?? '',
    connection: {
      application_name: target.applicationName,
      ...(target.options !== null && { options: target.options }),
      ...options.settings,
    },
    onclose: () => lose(unavailable('CONNECTION_CLOSED')),
  });

  const forget = (reject: (reason: unknown) => void) => {
    const index = pending.indexOf(reject);
    if (index >= 0) pending.splice(index, 1);
  };

  const run = ({ text, params = [], rows = 'objects' }: Query) =>
    new Promise<Rows>((resolve, reject) => {
      if (end) return reject(end);
      pending.push(reject);
      const prepare = params.length > 0 && options.prepare !== false;
      const query = client.unsafe(text, asParameters(params), { prepare });
      (rows === 'arrays' ? query.values() : query).then(
        (result) => {
          forget(reject);
          resolve(result as Rows);
        },
        (error: unknown) => {
          forget(reject);
          const fault = options.explain(error, text);
          reject(end ?? fault);
          if (!isAnswer(error) || options.isSpentBy(error)) {
            lose(unavailable('CONNECTION_CLOSED', text));
          }
        },
      );
    });

  return {
    run,
    lose,
    close: async () => {
      await client.end({ timeout: 1 });
      lose(unavailable('CONNECTION_ENDED'));
    },
  };
}

const asIs = (value: unknown) => value;
const asMoment = (text: string) => new Date(text);

/**
 * The types of the tables' columns. Values are sent as the text that a column of the builder or a hot
 * statement made of them. Times, lists and JSON are parsed here, and Drizzle's columns accept the parsed
 * values.
 */
const DRIVER_TYPES = {
  date: {
    to: 1184,
    from: [1184],
    parse: asMoment,
    serialize: (value: unknown) => (value instanceof Date ? value.toISOString() : value),
  },
  // Lists of texts and of identifiers.
  list: { to: 1009, from: [1009, 2951], parse: parsePgArray, serialize: asIs },
  json: {
    to: 114,
    from: [114],
    parse: (text: string): unknown => JSON.parse(text),
    serialize: asIs,
  },
  jsonb: {
    to: 3802,
    from: [3802],
    parse: (text: string): unknown => JSON.parse(text),
    serialize: asIs,
  },
};

// Every option is set explicitly, even to its default. For an omitted option, the driver uses an environment
// variable (PGHOST, PGSSL, PGMAX_PIPELINE).
const DRIVER_OPTIONS = {
  // connect.ts opens the socket and starts TLS.
  host: 'localhost',
  port: 5432,
  ssl: false,
  sslnegotiation: null,
  max: 1,
  max_pipeline: 100,
  keep_alive: 60,
  prepare: true,
  debug: false,
  types: DRIVER_TYPES,
  // The look-up of types at login rejects unhandled if the connection is lost during it (connection.js).
  fetch_types: false,
  // The pool limits lifetimes and waiting times.
  idle_timeout: 0,
  max_lifetime: null,
  connect_timeout: 0,
  // By default, the driver prints notices to the console, and a notice can quote data.
  onnotice: () => undefined,
};

/** Drizzle's columns have already encoded the values for the driver. */
function asParameters(values: readonly unknown[]) {
  return values as postgres.ParameterOrJSON<never>[];
}
