import { Column, getTableName, is, SQL } from 'drizzle-orm';
import type { PostgresJsSession } from 'drizzle-orm/postgres-js';

type Session = PostgresJsSession<never, Record<string, never>, Record<string, never>>;

/** The columns of an answer in order, as Drizzle's builders tell them. */
export type Fields = NonNullable<Parameters<Session['prepareQuery']>[1]>;

/** Of the tables of a join, by name: false for one whose row may be missing (an outer join). */
export type Joined = Readonly<Record<string, boolean>>;

/** Makes an object of one row's values. */
export type RowReader = (row: readonly unknown[]) => Record<string, unknown>;

type Place = {
  readonly index: number;
  readonly name: string;
  /** Null for what the driver reads as it is wanted. */
  readonly decode: ((value: unknown) => unknown) | null;
};

/** The columns that stand together in an object; those of the row itself have no name. */
type Group = {
  readonly name: string | null;
  readonly isOptional: boolean;
  readonly places: Place[];
};

/**
 * Does what Drizzle does with every row (mapResultRow), but looks at the columns once, and not
 * once for each row: a third of the cost of a hot statement (ADR-0011). Of an outer join a
 * row is missing when all of its columns are null, where Drizzle looks at the first alone.
 */
export function createRowReader(fields: Fields, joined?: Joined): RowReader {
  const groups: Group[] = [];
  for (const [index, { path, field }] of fields.entries()) {
    const [first = '', second] = path;
    if (path.length > 2) throw new TypeError('Rows are read two levels deep.');
    const name = second === undefined ? null : first;
    let group = groups.find((one) => one.name === name);
    if (!group) {
      const isOptional = name !== null && is(field, Column) && joined?.[tableOf(field)] === false;
      group = { name, isOptional, places: [] };
      groups.push(group);
    }
    group.places.push({ index, name: second ?? first, decode: decoderOf(field) });
  }
  return (row) => {
    const result: Record<string, unknown> = {};
    for (const { name, isOptional, places } of groups) {
      if (name === null) read(row, places, result);
      else if (isOptional && places.every(({ index }) => row[index] === null)) result[name] = null;
      else result[name] = read(row, places, {});
    }
    return result;
  };
}

function read(
  row: readonly unknown[],
  places: readonly Place[],
  into: Record<string, unknown>,
): Record<string, unknown> {
  for (const { index, name, decode } of places) {
    const value = row[index];
    into[name] = value === null || decode === null ? value : decode(value);
  }
  return into;
}

function tableOf(column: Column): string {
  return getTableName(column.table);
}

function decoderOf(field: Fields[number]['field']): Place['decode'] {
  if (is(field, Column)) {
    if (field.mapFromDriverValue === Column.prototype.mapFromDriverValue) return null;
    return (value) => field.mapFromDriverValue(value);
  }
  const expression = is(field, SQL.Aliased) ? field.sql : field;
  if (!is(expression, SQL)) throw new TypeError('Only columns and expressions are read.');
  // Not in its type: Drizzle's own mapResultRow reads it so.
  const { decoder } = expression as unknown as {
    readonly decoder: { mapFromDriverValue(value: unknown): unknown };
  };
  return (value) => decoder.mapFromDriverValue(value);
}
