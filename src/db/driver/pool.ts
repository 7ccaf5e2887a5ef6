import { MINUTE, SECOND } from '../../kernel/duration.ts';
import { ServiceUnavailableError } from '../../kernel/errors.ts';
import { unavailable } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Connection } from './connection.ts';

/** Connections there are, those nobody uses, calls that wait for one, and connections there may be. */
type PoolStats = {
  readonly open: number;
  readonly idle: number;
  readonly waiting: number;
  readonly max: number;
};

/** A bounded set of connections, each used by one piece of work at a time. */
export type Pool = {
  /**
   * Runs work on a connection of its own. Rejects with ServiceUnavailableError when there is no
   * connection in time, or when the work's statements take longer than a call may.
   */
  readonly use: <T>(work: (connection: Connection) => Promise<T>) => Promise<T>;
  /** Lets go of every connection there is now, each when its work has ended. */
  readonly renew: () => void;
  /** When work last succeeded, on the clock of `performance.now()`. */
  readonly lastSuccess: () => number;
  /** How busy it is, for metrics. */
  readonly stats: () => PoolStats;
  /** Refuses new work, lets the running work end, and closes. */
  readonly close: () => Promise<void>;
};

/** Moves on to where the name of the database points today, and frees what a session hoards. */
const MAX_AGE = 30 * MINUTE;

/**
 * After a failed log-in nobody tries another for so long, and then one at a time until one succeeds:
 * while the database is away, a connection for every call is a hundred times the work of a refusal,
 * and a crowd at the door of a database that is just starting (ADR-0009).
 */
const REST = SECOND / 4;

/**
 * A database that is well lets somebody in within milliseconds. A log-in that its own call ends sooner
 * than this says nothing; one that lasted so long has failed. Calls that waited for a connection first
 * have less time than a log-in may take: otherwise they alone would never learn that it is away.
 */
const TELLING = SECOND;

type Away = { readonly reason: ServiceUnavailableError; readonly since: number };

type Waiter = {
  readonly give: (connection: Connection) => void;
  readonly refuse: (reason: ServiceUnavailableError) => void;
};

/**
 * A pool that opens connections as they are asked for, up to `size`, and goes on by itself after any
 * of them is lost. While the database is away it refuses at once instead of trying for every call.
 */
export function createPool(options: {
  readonly size: number;
  readonly limits: Pick<Limits, 'connection'>;
  /** Milliseconds that a call which begins now may take. */
  readonly callTime: () => number;
  readonly open: (onLost: (reason: ServiceUnavailableError) => void) => Connection;
}): Pool {
  const { size, limits, callTime } = options;
  const idle: Connection[] = [];
  // An array, not a Set (ADR-0024).
  const waiting: Waiter[] = [];
  const closed = Promise.withResolvers<void>();
  let count = 0;
  let closing = false;
  /** What a log-in failed with, and when; null when a later one succeeded. */
  let away: Away | null = null;
  let lastLogIn = Number.NEGATIVE_INFINITY;
  let lastSuccess = Number.NEGATIVE_INFINITY;
  /** Connections from before then are let go of. */
  let validSince = Number.NEGATIVE_INFINITY;
  /** The one log-in that asks an absent database whether it is back. */
  let probe: Connection | null = null;
  /** Its own call ended it while it logged in: that says nothing about the database. */
  let cutShort: Connection | null = null;

  const open = () => {
    count += 1;
    const connection: Connection = options.open((reason) => forget(connection, reason));
    if (away) probe = connection;
    return connection;
  };

  const forget = (connection: Connection, reason: ServiceUnavailableError) => {
    count -= 1;
    const index = idle.indexOf(connection);
    if (index >= 0) idle.splice(index, 1);
    if (probe === connection) probe = null;
    if (closing && count === 0) closed.resolve();
    noteFailure(connection, reason);
    if (!isAway(away)) nextWaiter()?.give(open());
    // Those whom nobody can hand a connection to any more; the others wait for one in use.
    else if (count === 0) for (const waiter of [...waiting]) waiter.refuse(away.reason);
  };

  /** True while nobody shall try to log in. */
  const isAway = (last: Away | null): last is Away =>
    last !== null && (probe !== null || performance.now() - last.since < REST);

  /** Of a connection that had been answered, or was opened before another one was, it tells nothing. */
  const noteFailure = (connection: Connection, reason: ServiceUnavailableError) => {
    if (connection.wasAnswered() || connection === cutShort || connection.openedAt < lastLogIn)
      return;
    away = { reason, since: performance.now() };
  };

  const nextWaiter = () => waiting.shift();

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

  /** Null when all are in use. */
  const checkOut = () => {
    if (closing) throw unavailable('POOL_CLOSED');
    const unused = idle.pop();
    if (unused) return unused;
    if (count >= size) return null;
    if (isAway(away)) throw away.reason;
    return open();
  };

  const giveUp = (connection: Connection) => {
    if (performance.now() - connection.openedAt < TELLING) cutShort = connection;
    connection.abandon('CALL_TIMEOUT');
  };

  const logIn = async (connection: Connection, welcome: Promise<void>) => {
    try {
      await welcome;
      away = null;
      probe = null;
      lastLogIn = performance.now();
    } catch (error) {
      // More exact than what the connection was lost with.
      if (error instanceof ServiceUnavailableError) noteFailure(connection, error);
      // Nobody else is to be handed one that never got in.
      connection.abandon('LOG_IN_FAILED');
      if (connection.wasAnswered()) away = null;
      throw error;
    }
  };

  const checkIn = (connection: Connection) => {
    if (connection.isLost()) return;
    const since = Math.max(validSince, performance.now() - MAX_AGE);
    if (closing || connection.openedAt < since) return connection.close();
    const waiter = nextWaiter();
    if (waiter) waiter.give(connection);
    else idle.push(connection);
  };

  return {
    async use(work) {
      const asked = performance.now();
      const time = callTime();
      // Half of it is left for the statements: given up half-way, they cost a connection.
      const connection = checkOut() ?? (await wait(Math.min(limits.connection, time / 2)));
      const left = time - (performance.now() - asked);
      const timer = setTimeout(() => giveUp(connection), Math.max(0, left));
      try {
        const welcome = connection.ready();
        if (welcome) await logIn(connection, welcome);
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
      // Closing says goodbye first, and takes no place from those who wait.
      for (const connection of idle.splice(0)) void connection.close();
    },
    lastSuccess: () => lastSuccess,
    stats: () => ({ open: count, idle: idle.length, waiting: waiting.length, max: size }),
    async close() {
      closing = true;
      for (const waiter of [...waiting]) waiter.refuse(unavailable('POOL_CLOSED'));
      await Promise.all(idle.splice(0).map((connection) => connection.close()));
      if (count > 0) await closed.promise;
    },
  };
}
