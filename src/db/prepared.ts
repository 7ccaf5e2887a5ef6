import type { Executor } from './driver/client.ts';
import { planOf, type StatementPlan, type Values } from './statement-plan.ts';

/** What Drizzle's `.prepare()` returns, as far as it is used here: the type of its rows. */
export type Statement<Row> = {
  readonly execute: (values: Record<string, unknown>) => Promise<Row[]>;
};

/**
 * A statement that is put together once and then only filled in: for the hot ones alone, where
 * Drizzle's builder takes several times as long as sending it (ADR-0011). Values go to
 * the `sql.placeholder`s of their names. It runs where it is asked to, and has its place among the
 * statements of a trip or a transaction as any other.
 */
export function prepared<Given extends Values>() {
  return <Row>(build: (executor: Executor) => Statement<Row>) => {
    let plan: StatementPlan | undefined;
    return async (executor: Executor, values: Given): Promise<readonly Row[]> => {
      plan ??= planOf(build);
      const { text, fill, readRow } = plan;
      const params = fill(values);
      const rows = await executor.$runner().run({ text, params, rows: 'arrays' });
      return readRow ? rows.map((row) => readRow(row as unknown as unknown[]) as Row) : [];
    };
  };
}
