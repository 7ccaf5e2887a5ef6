import { is, Placeholder, SQL, type Query as SqlText } from 'drizzle-orm';
import {
  makePgArray,
  PgDatabase,
  PgDialect,
  PgPreparedQuery,
  type PgQueryResultHKT,
  PgSession,
  type PreparedQueryConfig,
} from 'drizzle-orm/pg-core';
import * as drizzleUtils from 'drizzle-orm/utils';
import type { Query, Rows } from './driver/host-connection.ts';
import type { Selection } from './selection.ts';

/**
 * One SQL statement as a value: its text, its parameters, and how its answer becomes a result. A store function
 * returns a statement; the operation that calls it decides where the statement runs: `run`, `transaction` or
 * `pipeline`.
 */
export type Statement<Result> = Query & {
  /** Called when the answer arrives, even if a later statement then fails the transaction. */
  readonly read: (rows: Rows) => Result;
};

/**
 * The source of a statement: a query of {@link build}, SQL text with the type of its rows, or a statement.
 */
export type Source<Row> = BuiltQuery<Row> | SQL<Row> | Statement<readonly Row[]>;

/** A query of Drizzle's builder. It has no session: awaiting it fails, because only statements run. */
type BuiltQuery<Row> = PromiseLike<readonly Row[]> & {
  readonly prepare: (name: string) => PgPreparedQuery<PreparedQueryConfig>;
};

/** A statement whose result is all rows. */
export function rows<Row>(source: Source<Row>): Statement<readonly Row[]> {
  if (is(source, SQL)) return statementOfText(DIALECT.sqlToQuery(source));
  return 'prepare' in source ? statementOfBuilt(source) : source;
}

/** A statement whose result is the first row, or null if there is none. */
export function firstRow<Row>(source: Source<Row>): Statement<Row | null> {
  return map(rows(source), ([row]) => row ?? null);
}

/** A statement whose result is the number of rows that it returned, inserted, changed or deleted. */
export function rowCount(source: Source<unknown>): Statement<number> {
  return { ...rows(source), read: ({ count }) => count };
}

/** A statement whose result says whether it returned, inserted, changed or deleted a row. */
export function hasRows(source: Source<unknown>): Statement<boolean> {
  return { ...rows(source), read: ({ count }) => count > 0 };
}

/** A statement without a result. */
export function noRows(source: Source<unknown>): Statement<void> {
  return { ...rows(source), read: () => undefined };
}

/** The same statement with another result. */
export function map<A, B>(statement: Statement<A>, change: (result: A) => B): Statement<B> {
  const { read } = statement;
  return { ...statement, read: (answer) => change(read(answer)) };
}

/**
 * A statement of a hot operation: its SQL text is put together once, at the first call, and every call only fills
 * in the parameters. Its rows come as the driver reads them: moments as Date, bytes as Buffer, lists as arrays. Use
 * columnsOf (selection.ts) for whole tables.
 *
 * @param write is given a function that names a parameter; a moment needs a cast where Postgres cannot infer it
 * @param selection reads the rows; without it they have the names of the statement's columns
 */
export function hotStatement<Values extends object, Row>(
  write: (value: (name: keyof Values & string) => Placeholder) => SQL,
  selection?: Selection<Row>,
): (values: Values) => Statement<readonly Row[]> {
  let text: SqlText | null = null;
  return (values) => {
    text ??= DIALECT.sqlToQuery(write((name) => new Placeholder(name)));
    const params = text.params.map((param) => encode(parameterOf(param, values)));
    if (!selection) return { text: text.sql, params, read: asRows<Row> };
    return { text: text.sql, params, rows: 'arrays', read: selection.read };
  };
}

/** @throws TypeError when a parameter has no value: the driver would send none, and say so less clearly */
function parameterOf(param: unknown, values: object): unknown {
  if (!is(param, Placeholder)) return param;
  const value: unknown = Reflect.get(values, param.name);
  if (value === undefined) throw new TypeError(`No value for parameter "${param.name}".`);
  return value;
}

/** One text for each value, whatever the call: the driver prepares a statement for each type that it is given. */
function encode(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  return Array.isArray(value) ? makePgArray(value) : value;
}

const DIALECT = new PgDialect();

function statementOfText<Row>({ sql: text, params }: SqlText): Statement<readonly Row[]> {
  return { text, params: params.map(encode), read: asRows<Row> };
}

/** The caller states the type of the rows next to the SQL text. */
function asRows<Row>(answer: Rows): readonly Row[] {
  return answer as unknown as readonly Row[];
}

function statementOfBuilt<Row>(query: BuiltQuery<Row>): Statement<readonly Row[]> {
  const built = query.prepare('statement');
  if (!(built instanceof BuiltStatement))
    throw new TypeError('The query has a session of its own.');
  const { fields, joinsNotNullableMap } = built;
  const { sql: text, params } = built.getQuery();
  if (!fields) return { text, params, read: asRows<Row> };
  const read = (answer: Rows) =>
    asRows<readonly unknown[]>(answer).map(
      (row) => readRow(fields, row, joinsNotNullableMap) as Row,
    );
  return { text, params, rows: 'arrays', read };
}

type Fields = Parameters<PgSession['prepareQuery']>[1];
type Joins = Readonly<Record<string, boolean>>;

/** Drizzle's own function that reads rows. Its types omit the function; a test checks that it exists. */
const { mapResultRow: readRow } = drizzleUtils as unknown as {
  readonly mapResultRow: (
    fields: NonNullable<Fields>,
    row: readonly unknown[],
    joins: Joins | undefined,
  ) => unknown;
};

/** The internal description that the builder has of a query. */
class BuiltStatement<T extends PreparedQueryConfig> extends PgPreparedQuery<T> {
  readonly fields: Fields;
  /** Drizzle's builder of selects writes it, under this name. */
  joinsNotNullableMap?: Joins;

  constructor(query: SqlText, fields: Fields) {
    super(query, undefined, undefined);
    this.fields = fields;
  }

  override execute(): Promise<never> {
    return Promise.reject(new TypeError('A query of the builder is not run by awaiting it.'));
  }
}

interface WithoutRows extends PgQueryResultHKT {
  readonly type: never[];
}

class WithoutConnection extends PgSession<WithoutRows> {
  override prepareQuery<T extends PreparedQueryConfig>(
    query: SqlText,
    fields: Fields,
  ): PgPreparedQuery<T> {
    return new BuiltStatement<T>(query, fields);
  }

  override transaction(): Promise<never> {
    return Promise.reject(new TypeError('The builder runs no transactions.'));
  }
}

/** Drizzle's query builder for everything ordinary. It makes queries and runs none. */
export const build: Pick<
  PgDatabase<WithoutRows>,
  'select' | 'selectDistinct' | 'insert' | 'update' | 'delete'
> = new PgDatabase<WithoutRows>(DIALECT, new WithoutConnection(DIALECT), undefined);
