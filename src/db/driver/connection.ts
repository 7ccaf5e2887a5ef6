import type { DatabaseHost, DatabaseTarget } from '../../kernel/database-url.ts';
import { ServiceUnavailableError } from '../../kernel/errors.ts';
import { isOutOfStep, isReadOnlyFault, unavailable } from '../errors.ts';
import { type HostConnection, openHostConnection } from './host-connection.ts';
import { isRefusedForGood, logInFault } from './log-in-fault.ts';
import { MARK, orSettingsRefused, SettingsRefused } from './session-settings.ts';

/** Options of a connection, with callbacks for its events. */
export type ConnectionOptions = {
  readonly target: DatabaseTarget;
  /** The hosts in the order to try them. By default, the hosts of the target. */
  readonly hosts?: readonly DatabaseHost[];
  /** Settings sent at login. Empty behind a pooler, which would reject or lose them. */
  readonly settings: Readonly<Record<string, string | number>>;
  /** Milliseconds for all hosts together. The remaining hosts share the remaining time. */
  readonly connectTimeout: number;
  /** False if the next transaction may run in another session. True by default. */
  readonly prepare?: boolean;
  /** Converts an error of the driver into one that callers may see. */
  readonly explain: (error: unknown, statement: string) => Error;
  readonly onLost?: (reason: ServiceUnavailableError) => void;
  /** Called with the host that accepted the login. */
  readonly onHost?: (host: DatabaseHost) => void;
  /** Called when the server rejects a write of a session that accepted writes before, or may have. */
  readonly onReadOnly?: () => void;
};

/** One connection to the first suitable host. A lost connection is never reopened. */
export type Connection = Pick<HostConnection, 'run' | 'close'> & {
  /** Fails every call on the connection at once, whatever the server does. */
  readonly abandon: (code: string) => void;
  readonly openedAt: number;
  readonly isLost: () => boolean;
  /**
   * True once a server has accepted the login, or a pooler has rejected only the settings. It stays true when
   * the connection is lost later: the database is known to be available.
   */
  readonly wasAnswered: () => boolean;
  /** Resolves when a server has accepted the login. Null after that. */
  readonly ready: () => Promise<void> | null;
};

/**
 * If a write is rejected on a session older than this, the session was opened before a switch-over and is
 * replaced. If a write is rejected on a younger session, the server accepts no writes now, and a new session
 * would not either. Without this limit, each rejected write would cost a login.
 */
const MIN_AGE_TO_REPLACE = 1_000;

/** Creates a connection that logs in at the first call of `ready`. */
export function openConnection(options: ConnectionOptions): Connection {
  const { target } = options;
  const openedAt = performance.now();
  let current: HostConnection | null = null;
  let end: ServiceUnavailableError | null = null;
  let loggingIn: Promise<void> | null = null;
  let isLoggedIn = false;
  let isAnswered = false;

  const lose = (reason: ServiceUnavailableError) => {
    if (end) return;
    end = reason;
    current?.lose(reason);
    options.onLost?.(reason);
  };

  const open = (host: DatabaseHost): HostConnection => {
    const opened: HostConnection = openHostConnection({
      host,
      target,
      settings: options.settings,
      prepare: options.prepare,
      explain: (error, text) =>
        isLoggedIn ? options.explain(error, text) : orSettingsRefused(error, text),
      isSpentBy,
      onLost: (reason) => {
        // During the login, a lost host only means that the next host is tried.
        if (isLoggedIn && current === opened) lose(reason);
      },
    });
    return opened;
  };

  const isSpentBy = (error: unknown) => {
    if (isOutOfStep(error)) return true;
    if (!isReadOnlyFault(error) || performance.now() - openedAt < MIN_AGE_TO_REPLACE) return false;
    options.onReadOnly?.();
    return true;
  };

  /** @throws the reason why this host is not suitable */
  const logInTo = async (host: DatabaseHost, time: number) => {
    const opened = open(host);
    current = opened;
    const timer = setTimeout(() => opened.lose(unavailable('CONNECT_TIMEOUT')), time);
    try {
      const [row] = await opened.run({ text: LOG_IN });
      if (MARK in options.settings && row?.['isKept'] !== true) throw new SettingsRefused();
      if (target.mustWrite && row?.['isReadOnly'] === true) throw unavailable('READ_ONLY_HOST');
    } catch (error) {
      isAnswered ||= error instanceof SettingsRefused;
      opened.lose(unavailable('CONNECTION_CLOSED'));
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };

  const logIn = async () => {
    const hosts = options.hosts ?? target.hosts;
    const until = performance.now() + options.connectTimeout;
    let last: ServiceUnavailableError = unavailable('CONNECT_TIMEOUT');
    for (const [index, host] of hosts.entries()) {
      const share = Math.max(0, until - performance.now()) / (hosts.length - index);
      try {
        await logInTo(host, Math.min(share, target.connectTimeout ?? share));
        isLoggedIn = true;
        isAnswered = true;
        options.onHost?.(host);
        return;
      } catch (error) {
        if (end) throw end;
        if (error instanceof SettingsRefused) throw error;
        last = logInFault(error, { target, host });
        // The other servers of a cluster have the same passwords (PostgreSQL manual, 32.1.1.3).
        if (isRefusedForGood(last)) break;
      }
    }
    throw last;
  };

  const logInOrLose = async () => {
    try {
      await logIn();
    } catch (error) {
      lose(error instanceof ServiceUnavailableError ? error : unavailable('LOG_IN_FAILED'));
      throw error;
    }
  };

  return {
    openedAt,
    isLost: () => end !== null,
    wasAnswered: () => isAnswered,
    ready: () => {
      if (isLoggedIn) return null;
      loggingIn ??= logInOrLose();
      return loggingIn;
    },
    run: (statement) =>
      current && !end ? current.run(statement) : Promise.reject(end ?? unavailable('NO_LOG_IN')),
    abandon: (code) => lose(unavailable(code)),
    close: async () => {
      await current?.close();
      lose(unavailable('CONNECTION_ENDED'));
    },
  };
}

/**
 * The first statement of every session, in one round trip. It makes the role's first schema the only one in
 * the search path, so that names are not found in other schemas. Otherwise a table `users` that another
 * application has in `public` could be mistaken for ours.
 */
const LOG_IN = `select
  pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as "isReadOnly",
  current_setting('${MARK}', true) is not null as "isKept",
  case when current_setting('${MARK}', true) is not null
    then set_config('search_path', quote_ident(current_schema()), false) end as schema`;
