import { MINUTE, SECOND } from '../../kernel/duration.ts';
import { ServiceUnavailableError } from '../../kernel/errors.ts';
import { unavailable } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Connection } from './connection.ts';

/** The connections that are open, those of them that are idle, the waiting calls, and the limit of connections. */
type PoolStats = {
  readonly open: number;
  readonly idle: number;
  readonly waiting: number;
  readonly max: number;
};

/** A bounded set of connections. Each is used by one piece of work at a time. */
export type Pool = {
  /**
   * Runs work on a connection of its own.
   *
   * @throws ServiceUnavailableError if no connection is free in time, or if the statements of the work take longer
   *   than a call may
   */
  readonly use: <T>(work: (connection: Connection) => Promise<T>) => Promise<T>;
  /** Closes every connection that is open now, each when its work has ended. */
  readonly renew: () => void;
  /** The time at which work last succeeded, on the clock of `performance.now()`. */
  readonly lastSuccess: () => number;
  /** The use of the pool, for metrics. */
  readonly stats: () => PoolStats;
  /** Rejects new work, waits for the running work, and closes the connections. */
  readonly close: () => Promise<void>;
};

/** A new connection resolves the name of the database again, and frees the memory of the old session. */
const MAX_AGE = 30 * MINUTE;

/**
 * After a failed log-in no connection is opened for this long. Then one connection at a time tries, until one
 * succeeds. While the database is unavailable, a connection for every call costs a hundred times as much as a
 * refusal, and a database that is starting would be met by all of them at once (ADR-0009).
 */
const RETRY_AFTER = SECOND / 4;

/**
 * A log-in to a working database takes milliseconds. If its own call ends a log-in sooner than this, the log-in says
 * nothing about the database; if it lasted longer, it has failed. A call that waited for a connection first has less
 * time than a log-in may take: without this limit, such calls would never learn that the database is unavailable.
 */
const CONCLUSIVE_AFTER = SECOND;

/** The reaction of the pool to a call that needs a new connection. */
type State =
  | { readonly kind: 'available' }
  /** The latest log-in failed. At most one connection, the probe, tries whether the database is back. */
  | {
      readonly kind: 'unavailable';
      readonly reason: ServiceUnavailableError;
      readonly since: number;
      readonly probe: Connection | null;
    }
  | { readonly kind: 'closing' };

type Waiter = {
  readonly give: (connection: Connection) => void;
  readonly refuse: (reason: ServiceUnavailableError) => void;
};

/**
 * A pool that opens connections on demand, up to `size`, and recovers by itself after a lost connection. While the
 * database is unavailable, the pool rejects calls at once and does not try to connect for each of them.
 */
export function createPool(options: {
  readonly size: number;
  readonly limits: Pick<Limits, 'connection'>;
  /** Milliseconds that a call may take if it begins now. */
  readonly callTime: () => number;
  readonly open: (onLost: (reason: ServiceUnavailableError) => void) => Connection;
}): Pool {
  const { size, limits, callTime } = options;
  const idle: Connection[] = [];
  // An array, not a Set (ADR-0024).
  const waiting: Waiter[] = [];
  const closed = Promise.withResolvers<void>();
  let state: State = { kind: 'available' };
  let count = 0;
  let lastLogIn = Number.NEGATIVE_INFINITY;
  let lastSuccess = Number.NEGATIVE_INFINITY;
  /** Older connections are closed when their work has ended. */
  let validSince = Number.NEGATIVE_INFINITY;
  /** The connection whose own call ended it during the log-in: its failure says nothing about the database. */
  let cutShort: Connection | null = null;

  const open = () => {
    count += 1;
    const connection: Connection = options.open((reason) => remove(connection, reason));
    if (state.kind === 'unavailable') state = { ...state, probe: connection };
    return connection;
  };

  /** The reason why no connection may be opened now; null if one may be. */
  const refusal = (): ServiceUnavailableError | null => {
    if (state.kind === 'closing') return unavailable('POOL_CLOSED');
    if (state.kind === 'available') return null;
    const mayProbe = state.probe === null && performance.now() - state.since >= RETRY_AFTER;
    return mayProbe ? null : state.reason;
  };

  const remove = (connection: Connection, reason: ServiceUnavailableError) => {
    count -= 1;
    const index = idle.indexOf(connection);
    if (index >= 0) idle.splice(index, 1);
    if (state.kind === 'unavailable' && state.probe === connection)
      state = { ...state, probe: null };
    if (state.kind === 'closing' && count === 0) closed.resolve();
    noteFailure(connection, reason);
    const refused = refusal();
    if (!refused) waiting.shift()?.give(open());
    // No connection is left that could be handed to them. Otherwise they wait for one in use.
    else if (count === 0) for (const waiter of [...waiting]) waiter.refuse(refused);
  };

  /**
   * Ignores the failure of a connection that had been accepted, or that was opened before the latest successful
   * log-in.
   */
  const noteFailure = (connection: Connection, reason: ServiceUnavailableError) => {
    const isInconclusive =
      connection.wasAnswered() || connection === cutShort || connection.openedAt < lastLogIn;
    if (isInconclusive || state.kind === 'closing') return;
    const probe = state.kind === 'unavailable' ? state.probe : null;
    state = { kind: 'unavailable', reason, since: performance.now(), probe };
  };

  const noteSuccess = () => {
    if (state.kind === 'unavailable') state = { kind: 'available' };
  };

  const wait = (patience: number) =>
    new Promise<Connection>((resolve, reject) => {
      const waiter: Waiter = {
        give: (connection) => {
          clearTimeout(timer);
          resolve(connection);
        },
        refuse: (reason) => {
          clearTimeout(timer);
          const index = waiting.indexOf(waiter);
          if (index >= 0) waiting.splice(index, 1);
          reject(reason);
        },
      };
      const timer = setTimeout(() => waiter.refuse(unavailable('POOL_EXHAUSTED')), patience);
      waiting.push(waiter);
    });

  /** @returns null if all connections are in use */
  const checkOut = () => {
    if (state.kind === 'closing') throw unavailable('POOL_CLOSED');
    const unused = idle.pop();
    if (unused) return unused;
    if (count >= size) return null;
    const refused = refusal();
    if (refused) throw refused;
    return open();
  };

  const abandon = (connection: Connection) => {
    if (performance.now() - connection.openedAt < CONCLUSIVE_AFTER) cutShort = connection;
    connection.abandon('CALL_TIMEOUT');
  };

  const logIn = async (connection: Connection, ready: Promise<void>) => {
    try {
      await ready;
      noteSuccess();
      lastLogIn = performance.now();
    } catch (error) {
      // More precise than the reason for which the connection was lost.
      if (error instanceof ServiceUnavailableError) noteFailure(connection, error);
      // A connection that never logged in must not be handed to another call.
      connection.abandon('LOG_IN_FAILED');
      if (connection.wasAnswered()) noteSuccess();
      throw error;
    }
  };

  const checkIn = (connection: Connection) => {
    if (connection.isLost()) return;
    const since = Math.max(validSince, performance.now() - MAX_AGE);
    if (state.kind === 'closing' || connection.openedAt < since) return connection.close();
    const waiter = waiting.shift();
    if (waiter) waiter.give(connection);
    else idle.push(connection);
  };

  return {
    async use(work) {
      const asked = performance.now();
      const time = callTime();
      // Half of the time is left for the statements: abandoned half-way, they cost a connection.
      const connection = checkOut() ?? (await wait(Math.min(limits.connection, time / 2)));
      const left = time - (performance.now() - asked);
      const timer = setTimeout(() => abandon(connection), Math.max(0, left));
      try {
        const ready = connection.ready();
        if (ready) await logIn(connection, ready);
        const result = await work(connection);
        lastSuccess = performance.now();
        return result;
      } finally {
        clearTimeout(timer);
        checkIn(connection);
      }
    },
    renew() {
      validSince = performance.now();
      // If a connection is idle, no call is waiting, so closing idle connections delays no call.
      for (const connection of idle.splice(0)) void connection.close();
    },
    lastSuccess: () => lastSuccess,
    stats: () => ({ open: count, idle: idle.length, waiting: waiting.length, max: size }),
    async close() {
      state = { kind: 'closing' };
      for (const waiter of [...waiting]) waiter.refuse(unavailable('POOL_CLOSED'));
      await Promise.all(idle.splice(0).map((connection) => connection.close()));
      if (count > 0) await closed.promise;
    },
  };
}
