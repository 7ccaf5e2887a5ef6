import { getTableColumns, type InferSelectModel, type SQL, sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { Rows } from './driver/host-connection.ts';

/** Columns to select or to return, and what makes objects of their values. */
export type Selection<Row> = {
  readonly columns: SQL;
  readonly read: (answer: Rows) => readonly Row[];
};

/** The rows of several tables side by side, each under a name. */
type Tables = Readonly<Record<string, PgTable>>;
type RowOf<T extends Tables> = { readonly [Name in keyof T]: InferSelectModel<T[Name]> };

/** All columns of one table, for SQL text: the row has the names that the table has in TypeScript. */
export function columnsOf<T extends PgTable>(table: T): Selection<InferSelectModel<T>> {
  const names = Object.keys(getTableColumns(table));
  const read = (answer: Rows) =>
    valuesOf(answer).map((values) => objectOf(names, values, 0) as InferSelectModel<T>);
  return { columns: listOf([table]), read };
}

/** All columns of tables that a statement joins with inner joins. */
export function columnsOfEach<T extends Tables>(tables: T): Selection<RowOf<T>> {
  let width = 0;
  const parts = Object.entries(tables).map(([name, table]) => {
    const names = Object.keys(getTableColumns(table));
    const start = width;
    width += names.length;
    return { name, names, start };
  });
  const read = (answer: Rows) =>
    valuesOf(answer).map((values) => {
      const row: Record<string, unknown> = {};
      for (const { name, names, start } of parts) row[name] = objectOf(names, values, start);
      return row as RowOf<T>;
    });
  return { columns: listOf(Object.values(tables)), read };
}

/** The columns of a selection, and one more behind them. */
export function withColumn<Row, Extended>(
  selection: Selection<Row>,
  column: SQL,
  extend: (row: Row, value: unknown) => Extended,
): Selection<Extended> {
  const read = (answer: Rows) => {
    const last = valuesOf(answer).map((values) => values.at(-1));
    return selection.read(answer).map((row, index) => extend(row, last[index]));
  };
  return { columns: sql`${selection.columns}, ${column}`, read };
}

function listOf(tables: readonly PgTable[]): SQL {
  return sql.join(
    tables.flatMap((table) =>
      Object.values(getTableColumns(table)).map((column) => sql`${column}`),
    ),
    sql`, `,
  );
}

/** The statement asked for rows as lists of values. */
function valuesOf(answer: Rows): readonly (readonly unknown[])[] {
  return answer as unknown as readonly (readonly unknown[])[];
}

function objectOf(names: readonly string[], values: readonly unknown[], start: number): object {
  const row: Record<string, unknown> = {};
  for (let index = 0; index < names.length; index += 1) {
    row[names[index] as string] = values[start + index];
  }
  return row;
}
