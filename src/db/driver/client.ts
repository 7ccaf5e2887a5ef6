import { type DatabaseHost, parseDatabaseUrl } from '../../kernel/database-url.ts';
import type { Log } from '../../kernel/ports.ts';
import { databaseFault } from '../errors.ts';
import type { Database } from '../executor.ts';
import { LIMITS, type Limits, serverSettings } from '../limits.ts';
import { sendOnPool } from '../pipeline.ts';
import { createRequestTime } from '../request-time.ts';
import { type Connection, openConnection } from './connection.ts';
import { createPool, type Pool } from './pool.ts';
import { beginWith, logInSettings, SettingsRefused } from './session-settings.ts';

/** Runs a statement and observes it: its text, its duration and its outcome. */
export type AroundStatement = <T>(text: string, run: () => Promise<T>) => Promise<T>;

/** Options of a client: the database, the number of connections, and callbacks for its events. */
export type DatabaseOptions = {
  readonly url: string;
  readonly poolSize: number;
  readonly log: Log;
  readonly limits?: Limits;
  readonly aroundStatement?: AroundStatement | null;
  /** Replaces the application name of the URL, for `pg_stat_activity`. */
  readonly applicationName?: string;
  /** Called when the server rejects a write of a session that may have accepted writes before. */
  readonly onReadOnly?: () => void;
};

/** Connects lazily: the first statement opens the first connection. */
export function createDatabase({
  url,
  poolSize,
  log,
  limits = LIMITS,
  aroundStatement = null,
  applicationName,
  onReadOnly,
}: DatabaseOptions): Database {
  const parsed = parseDatabaseUrl(url);
  const target = applicationName === undefined ? parsed : { ...parsed, applicationName };
  if (target.ignored.length > 0) {
    log.warn({ parameters: target.ignored }, 'database URL parameters ignored');
  }
  const serverLimits = serverSettings(limits);
  const settings = logInSettings(target, serverLimits);
  const requestTime = createRequestTime(limits);
  let pooled = target.isPooled;
  // The host of the last successful login is tried first. So only one connection has to wait for a host that
  // drops packets.
  let [lastHost]: readonly DatabaseHost[] = target.hosts;

  const pool: Pool = createPool({
    size: poolSize,
    limits,
    callTime: requestTime.left,
    open: (onLost) => {
      const connection = openConnection({
        target,
        hosts: [...target.hosts].sort(
          (one, other) => Number(other === lastHost) - Number(one === lastHost),
        ),
        settings: pooled ? {} : settings,
        connectTimeout: limits.connect,
        prepare: !pooled || target.poolerPrepares,
        explain: databaseFault,
        onLost,
        onHost: (host) => {
          lastHost = host;
        },
        onReadOnly: () => {
          pool.renew();
          onReadOnly?.();
        },
      });
      return aroundStatement ? observedConnection(connection, aroundStatement) : connection;
    },
  });

  const use: Pool['use'] = async (work) => {
    try {
      return await pool.use(work);
    } catch (error) {
      if (!(error instanceof SettingsRefused)) throw error;
      if (!pooled) log.warn({ reason: error.message }, 'connection pooler detected');
      // The next connection is opened without settings.
      pooled = true;
      return await pool.use(work);
    }
  };

  const begin = () => (pooled ? beginWith(serverLimits) : 'begin');
  const isOneByOne = () => pooled && !target.poolerPrepares;
  return {
    run: (query) => use((connection) => connection.run(query)),
    send: (queries) => sendOnPool(use, queries, isOneByOne),
    pool,
    asOneRequest: requestTime.begin,
    withConnection: (work) => use((connection) => work({ ...connection, begin: begin() })),
  };
}

/** Waits for running calls, which end within the time limit of a call, and closes every connection. */
export function closeDatabase(db: Database): Promise<void> {
  return db.pool.close();
}

function observedConnection(connection: Connection, around: AroundStatement): Connection {
  return {
    ...connection,
    run: (statement) => around(statement.text, () => connection.run(statement)),
  };
}
