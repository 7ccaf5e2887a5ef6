import { fillPlaceholders, type SQL } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
import { builderOnly, type Executor } from './client.ts';
import { onRunner } from './session.ts';

/** What Drizzle's `.prepare()` returns, as far as it is used here. */
export type Statement<Row> = {
  readonly execute: (values: Record<string, unknown>) => Promise<Row[]>;
};

/**
 * A statement that is put together once and then only filled in: for the hot ones alone, where
 * Drizzle's builder takes several times as long as sending it (docs/decisions/0023). Values go to
 * the `sql.placeholder`s of their names. It runs where it is asked to, and has its place among the
 * statements of a trip or a transaction as any other.
 */
export function prepared<Values extends Readonly<Record<string, unknown>>>() {
  return <Row>(build: (executor: Executor) => Statement<Row>) => {
    let built: Statement<Row> | undefined;
    return (executor: Executor, values: Values): Promise<readonly Row[]> => {
      built ??= build(builderOnly());
      return onRunner(built, executor.$runner()).execute(values);
    };
  };
}

/** The same for a statement that is written out, whose rows come as the driver reads them. */
export function preparedText<Values extends Readonly<Record<string, unknown>>, Row>(
  build: () => SQL,
) {
  let built: { readonly sql: string; readonly params: unknown[] } | undefined;
  return async (executor: Executor, values: Values): Promise<readonly Row[]> => {
    built ??= new PgDialect().sqlToQuery(build());
    const params = fillPlaceholders(built.params, values);
    const rows = await executor.$runner().run({ text: built.sql, params });
    return rows as unknown as readonly Row[];
  };
}
