import type { Connection } from './driver/connection.ts';

/** Told of a statement that ended, well or not. */
export type StatementObserver = (text: string, milliseconds: number) => void;

/** The same connection, whose statements are timed. */
export function timedConnection(connection: Connection, observe: StatementObserver): Connection {
  return {
    ...connection,
    run(statement) {
      const begun = performance.now();
      const done = () => observe(statement.text, performance.now() - begun);
      const result = connection.run(statement);
      result.then(done, done);
      return result;
    },
  };
}
