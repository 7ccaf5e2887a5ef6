import type { Socket } from 'node:net';
import { parsePgArray } from 'drizzle-orm/pg-core';
import postgres from 'postgres';
import type { DatabaseHost, DatabaseTarget } from '../../kernel/database-url.ts';
import type { ServiceUnavailableError } from '../../kernel/errors.ts';
import { isAnswer, unavailable } from '../errors.ts';
import { connect, userOf } from './connect.ts';

/** One statement; `rows` says in which shape they are wanted. */
export type Query = {
  readonly text: string;
  readonly params?: readonly unknown[];
  readonly rows?: 'objects' | 'arrays';
};

/** Rows with the command's tag and count. */
export type Rows = postgres.RowList<postgres.Row[]>;

/** How a connection to one server is opened, and who is told of its end. */
export type HostConnectionOptions = {
  readonly host: DatabaseHost;
  readonly target: DatabaseTarget;
  /** Settings sent with the log-in. */
  readonly settings: Readonly<Record<string, string | number>>;
  /** False where the next transaction may be on another session; true when left out. */
  readonly prepare?: boolean | undefined;
  /** Makes of the driver's error what callers may see. */
  readonly explain: (error: unknown, statement: string) => Error;
  /** Whether a connection is of no use after this error, although the server answered. */
  readonly isSpentBy: (error: unknown) => boolean;
  readonly onLost: (reason: ServiceUnavailableError) => void;
};

/** One physical connection to one server. Once lost it stays lost: it never reconnects by itself. */
export type HostConnection = {
  /** Statements are sent in order without waiting for each other. */
  readonly run: (statement: Query) => Promise<Rows>;
  /** Ends every call on it with this reason, now, whatever the server does. */
  readonly lose: (reason: ServiceUnavailableError) => void;
  /** Says goodbye. */
  readonly close: () => Promise<void>;
};

/**
 * A postgres.js client of exactly one connection and exactly one socket, which is ours.
 *
 * Left to itself postgres.js (3.4.9) reconnects: a statement of a transaction that lost its
 * connection would run outside of any transaction, or crash the process writing to a socket that
 * is gone (connection.js, nextWrite); and nothing ends a query whose server is frozen.
 */
export function openHostConnection(options: HostConnectionOptions): HostConnection {
  const { host, target } = options;
  let socket: Socket | null = null;
  let isOpened = false;
  let end: ServiceUnavailableError | null = null;
  // An array: a Set would keep what has left it from being collected young (ADR-0024).
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
      // Not that error: postgres.js writes the parameters onto whatever is thrown at it.
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
    // A function: the driver takes an empty text as none, and then the variable PGPASSWORD.
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
 * Types of the tables' columns. Values are sent as the text that they were made into: by a column of the builder, or
 * by a hot statement. They are read as moments, lists and JSON; Drizzle's columns leave those as they are.
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

// Each is said, also where it is the default: what is left out the driver takes from a variable of
// the environment (PGHOST, PGSSL, PGMAX_PIPELINE).
const DRIVER_OPTIONS = {
  // The socket is ours, and so is TLS (connect.ts).
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
  // Its look-up at log-in rejects unhandled when the connection dies in it (connection.js).
  fetch_types: false,
  // Lifetimes and waits are the pool's.
  idle_timeout: 0,
  max_lifetime: null,
  connect_timeout: 0,
  // Notices go to the console by default, and can quote data.
  onnotice: () => undefined,
};

/** They come from Drizzle's columns, whose encoders made them what the driver takes. */
function asParameters(values: readonly unknown[]) {
  return values as postgres.ParameterOrJSON<never>[];
}
