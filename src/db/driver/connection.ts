import type { DatabaseHost, DatabaseTarget } from '../../kernel/database-url.ts';
import { ServiceUnavailableError } from '../../kernel/errors.ts';
import { isOutOfStep, isReadOnlyFault, unavailable } from '../errors.ts';
import { type HostConnection, openHostConnection } from './host-connection.ts';
import { isRefusedForGood, logInFault } from './log-in-fault.ts';
import { orSettingsRefused, SettingsRefused } from './pooler.ts';
import { MARK } from './session-settings.ts';

/** How a connection is opened, and who is told of its end. */
export type ConnectionOptions = {
  readonly target: DatabaseTarget;
  /** The hosts in the order to try them; the target's own when left out. */
  readonly hosts?: readonly DatabaseHost[];
  /** Settings sent with the log-in; none behind a pooler, which would refuse or lose them. */
  readonly settings: Readonly<Record<string, string | number>>;
  /** Milliseconds for all hosts together, shared among those that are left. */
  readonly connectTimeout: number;
  /** False where the next transaction may be on another session; true when left out. */
  readonly prepare?: boolean;
  /** Makes of the driver's error what callers may see. */
  readonly explain: (error: unknown, statement: string) => Error;
  readonly onLost?: (reason: ServiceUnavailableError) => void;
  /** Told which host let us in. */
  readonly onHost?: (host: DatabaseHost) => void;
  /** Told when a session that took writes, or might have, was refused one. */
  readonly onReadOnly?: () => void;
};

/** One connection to the first host that will do. Once lost it stays lost. */
export type Connection = Pick<HostConnection, 'run' | 'close'> & {
  /** Ends every call on it, now, whatever the server does. */
  readonly abandon: (code: string) => void;
  readonly openedAt: number;
  readonly isLost: () => boolean;
  /**
   * True once the server has let us in, or a pooler wanted us without settings, and from then on:
   * whatever becomes of the connection, the database is not away.
   */
  readonly wasAnswered: () => boolean;
  /** Resolves when a server has let us in; null once one has. */
  readonly ready: () => Promise<void> | null;
};

/**
 * A session that was opened before a switch-over, and is refused what it writes, is of no use any more.
 * One that is younger than this was opened to a server that takes no writes now, and another one
 * would be no better: without this, each refused write would cost a log-in.
 */
const YOUNG = 1_000;

/** Opens a connection when it is first asked whether it is ready. */
export function openConnection(options: ConnectionOptions): Connection {
  const { target } = options;
  const openedAt = performance.now();
  let current: HostConnection | null = null;
  let end: ServiceUnavailableError | null = null;
  let welcome: Promise<void> | null = null;
  let isIn = false;
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
        isIn ? options.explain(error, text) : orSettingsRefused(error, text),
      isSpentBy,
      onLost: (reason) => {
        // While logging in, the next host has its turn first.
        if (isIn && current === opened) lose(reason);
      },
    });
    return opened;
  };

  const isSpentBy = (error: unknown) => {
    if (isOutOfStep(error)) return true;
    if (!isReadOnlyFault(error) || performance.now() - openedAt < YOUNG) return false;
    options.onReadOnly?.();
    return true;
  };

  /** @throws the reason why this host will not do */
  const enter = async (host: DatabaseHost, time: number) => {
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
        await enter(host, Math.min(share, target.connectTimeout ?? share));
        isIn = true;
        isAnswered = true;
        options.onHost?.(host);
        return;
      } catch (error) {
        if (end) throw end;
        if (error instanceof SettingsRefused) throw error;
        last = logInFault(error, { target, host });
        // Another server of the same cluster has the same passwords (PostgreSQL manual, 32.1.1.3).
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
      if (isIn) return null;
      welcome ??= logInOrLose();
      return welcome;
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
 * The first statement of every session, in one trip. It takes the role's first schema for its only
 * one, so that no name is found in another: beside an application that has a table `users` in
 * `public`, nothing of ours may ever mean that one.
 */
const LOG_IN = `select
  pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as "isReadOnly",
  current_setting('${MARK}', true) is not null as "isKept",
  case when current_setting('${MARK}', true) is not null
    then set_config('search_path', quote_ident(current_schema()), false) end as schema`;
