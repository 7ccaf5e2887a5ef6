import type { Socket } from 'node:net';
import postgres from 'postgres';
import type { ServiceUnavailableError } from '../kernel/errors.ts';
import { dial, type Target } from './dial.ts';
import { isAnswer, unavailable } from './errors.ts';
import { SettingsRefused } from './pooler.ts';

/** One statement; `rows` says in which shape they are wanted. */
export type Statement = {
  readonly text: string;
  readonly params?: readonly unknown[];
  readonly rows?: 'objects' | 'arrays';
};

/** Rows with the command's tag and count. */
export type Rows = postgres.RowList<postgres.Row[]>;

/** How a connection is opened, and who is told of its end. */
export type ConnectionOptions = {
  readonly url: string;
  /** Settings sent with the log-in. */
  readonly settings: Readonly<Record<string, string | number>>;
  readonly connectTimeout: number;
  /** False where the next transaction may be on another session; true when left out. */
  readonly prepare?: boolean;
  /** Makes of the driver's error what callers may see. */
  readonly explain: (error: unknown, statement: string) => Error;
  readonly onLost?: (reason: ServiceUnavailableError) => void;
};

/** One physical connection. Once lost it stays lost: it never reconnects by itself. */
export type Connection = {
  readonly openedAt: number;
  readonly isLost: () => boolean;
  /**
   * True once the server has let us in, or a pooler wanted us without settings, and from then on:
   * whatever becomes of the connection, the database is not away.
   */
  readonly wasAnswered: () => boolean;
  /** Resolves when the server has let us in; null once it has. */
  readonly ready: () => Promise<void> | null;
  /** Statements are sent in order without waiting for each other. */
  readonly run: (statement: Statement) => Promise<Rows>;
  /** Ends every call on it, now, whatever the server does. */
  readonly abandon: (code: string) => void;
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
export function openConnection(options: ConnectionOptions): Connection {
  let socket: Socket | null = null;
  let end: ServiceUnavailableError | null = null;
  let welcome: Promise<void> | null = null;
  let isIn = false;
  let isAnswered = false;
  // An array: a Set would keep what has left it from being collected young (0026).
  const pending: ((reason: unknown) => void)[] = [];

  const lose = (reason: ServiceUnavailableError) => {
    if (end) return;
    end = reason;
    socket?.destroy();
    for (const reject of pending.splice(0)) reject(reason);
    options.onLost?.(reason);
  };

  const openSocket = async (target: Target) => {
    if (socket || end) {
      lose(unavailable('CONNECTION_CLOSED'));
      // Not that error: postgres.js writes the parameters onto whatever is thrown at it.
      throw new Error('This connection was lost.');
    }
    try {
      return await dial(target, (attempt) => {
        socket = attempt;
      });
    } catch (error) {
      const code =
        error instanceof Error && 'code' in error ? String(error.code) : 'CONNECT_FAILED';
      lose(unavailable(code));
      throw error;
    }
  };

  const client = postgres(options.url, {
    ...DRIVER_OPTIONS,
    ...{ socket: openSocket },
    connection: { application_name: 'latchkey', ...options.settings },
    onclose: () => lose(unavailable('CONNECTION_CLOSED')),
  });

  const forget = (reject: (reason: unknown) => void) => {
    const index = pending.indexOf(reject);
    if (index >= 0) pending.splice(index, 1);
  };

  const run = ({ text, params = [], rows = 'objects' }: Statement) =>
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
          isAnswered ||= fault instanceof SettingsRefused;
          reject(end ?? fault);
          if (!isAnswer(error)) lose(unavailable('CONNECTION_CLOSED', text));
        },
      );
    });

  const logIn = async () => {
    const timer = setTimeout(() => lose(unavailable('CONNECT_TIMEOUT')), options.connectTimeout);
    try {
      await run({ text: 'select 1' });
      isIn = true;
      isAnswered = true;
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    openedAt: performance.now(),
    isLost: () => end !== null,
    wasAnswered: () => isAnswered,
    ready: () => {
      if (isIn) return null;
      welcome ??= logIn();
      return welcome;
    },
    run,
    abandon: (code) => lose(unavailable(code)),
    close: async () => {
      await client.end({ timeout: 1 });
      lose(unavailable('CONNECTION_ENDED'));
    },
  };
}

const asIs = (value: unknown) => value;

/** Drizzle maps moments and JSON itself and expects the driver to keep out of it. */
const DRIVER_TYPES = {
  date: {
    to: 1184,
    from: [1082, 1083, 1114, 1184, 1115, 1182, 1185, 1231],
    parse: asIs,
    serialize: (value: unknown) => (value instanceof Date ? value.toISOString() : value),
  },
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

const DRIVER_OPTIONS = {
  max: 1,
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
