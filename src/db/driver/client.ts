import { type DatabaseHost, parseDatabaseUrl } from '../../kernel/database-url.ts';
import type { Log } from '../../kernel/ports.ts';
import { databaseFault } from '../errors.ts';
import type { Database } from '../executor.ts';
import { LIMITS, type Limits, serverSettings } from '../limits.ts';
import { sendOnPool } from '../pipeline.ts';
import { createRequestTime } from '../request-time.ts';
import { type Connection, openConnection } from './connection.ts';
import { createPool, type Pool } from './pool.ts';
import { beginWith, SettingsRefused } from './pooler.ts';
import { logInSettings } from './session-settings.ts';

/** Runs a statement and observes it: its text, its duration and its outcome. */
export type AroundStatement = <T>(text: string, run: () => Promise<T>) => Promise<T>;

/** Which database, with how many connections, and what is called on its events. */
export type DatabaseOptions = {
  readonly url: string;
  readonly poolSize: number;
  readonly log: Log;
  readonly limits?: Limits;
  readonly aroundStatement?: AroundStatement | null;
  /** In the place of the URL's, for `pg_stat_activity`. */
  readonly applicationName?: string;
  /** Told when a session that might have taken writes was refused one. */
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
  // The host that let the last one in is tried first: a host that drops packets is waited for once.
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
      // The next one is opened without.
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

/** Lets running calls end, which takes as long as a call may, and closes every connection. */
export function closeDatabase(db: Database): Promise<void> {
  return db.pool.close();
}

function observedConnection(connection: Connection, around: AroundStatement): Connection {
  return {
    ...connection,
    run: (statement) => around(statement.text, () => connection.run(statement)),
  };
}
