import type { Executor } from './client.ts';

/** What Drizzle's `.prepare()` returns, as far as it is used here. */
type Statement<Row> = {
  readonly execute: (values: Record<string, unknown>) => Promise<Row[]>;
};

/**
 * A statement that is put together once and then only filled in: for the hot ones alone, where
 * Drizzle's builder takes several times as long as sending it (docs/decisions/0023). Values go to
 * the `sql.placeholder`s of their names.
 *
 * Kept for each executor, since a statement runs where it was built: the pool's for good, a
 * transaction's, which is an executor of its own, until that is over.
 */
export function prepared<Values extends Readonly<Record<string, unknown>>>() {
  return <Row>(build: (executor: Executor) => Statement<Row>) => {
    const built = new WeakMap<Executor, Statement<Row>>();
    return (executor: Executor, values: Values): Promise<readonly Row[]> => {
      const known = built.get(executor);
      const statement = known ?? build(executor);
      if (!known) built.set(executor, statement);
      return statement.execute(values);
    };
  };
}
