import { is, Param, Placeholder, type Query } from 'drizzle-orm';
import { PgDialect, PgPreparedQuery, type PreparedQueryConfig } from 'drizzle-orm/pg-core';
import { PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import type { Executor } from './driver/client.ts';
import { createRowReader, type Fields, type Joined, type RowReader } from './row-reader.ts';
import { GuardedSession, type Runner } from './session.ts';

/** Values of a statement's placeholders, by name. */
export type Values = Readonly<Record<string, unknown>>;

/** A statement as it was put together: its text, what fills it in, and what reads its rows. */
export type StatementPlan = {
  readonly text: string;
  /** @throws TypeError when a placeholder has no value */
  readonly fill: (values: Values) => readonly unknown[];
  /** Null where nothing is returned. */
  readonly readRow: RowReader | null;
};

/** Puts a statement together with Drizzle's builder, which is then not needed any more. */
export function planOf(build: (executor: Executor) => unknown): StatementPlan {
  const statement = build(planner());
  if (!(statement instanceof PlannedQuery)) throw new TypeError('The statement is not prepared.');
  const { sql, params } = statement.getQuery();
  const { fields, joinsNotNullableMap } = statement;
  return {
    text: sql,
    fill: filler(params),
    readRow: fields ? createRowReader(fields, joinsNotNullableMap) : null,
  };
}

/** What fills in a statement's parameters, each looked at once. */
function filler(params: readonly unknown[]): StatementPlan['fill'] {
  const places = params.map(placeOf);
  return (values) => places.map((place) => place(values));
}

function placeOf(param: unknown): (values: Values) => unknown {
  if (is(param, Placeholder)) return given(param);
  if (!is(param, Param) || !is(param.value, Placeholder)) return () => param;
  const value = given(param.value);
  return (values) => param.encoder.mapToDriverValue(value(values));
}

function given({ name }: Placeholder): (values: Values) => unknown {
  return (values) => {
    const value = values[name];
    if (value === undefined) throw new TypeError(`No value for placeholder "${name}".`);
    return value;
  };
}

/** An executor to build statements with, and not to run them. */
function planner(): Executor {
  const refuse = () => Promise.reject(new TypeError('This executor runs nothing.'));
  const runner = { run: refuse, send: () => [], transaction: refuse };
  const dialect = new PgDialect();
  const session = new PlanningSession(runner, dialect);
  const database = new PostgresJsDatabase<Record<string, never>>(dialect, session, undefined);
  return Object.assign(database, {
    $runner: (): Runner => runner,
    run: runner.run,
    send: runner.send,
  });
}

class PlanningSession extends GuardedSession {
  override prepareQuery<T extends PreparedQueryConfig = PreparedQueryConfig>(
    query: Query,
    fields: Fields | undefined,
  ): PgPreparedQuery<T> {
    return new PlannedQuery<T>(query, fields);
  }
}

/** Keeps what a prepared statement is made with, and runs nothing. */
class PlannedQuery<T extends PreparedQueryConfig> extends PgPreparedQuery<T> {
  readonly fields: Fields | undefined;
  /** Drizzle's name for it: its builder of selects writes it down here. */
  joinsNotNullableMap?: Joined;

  constructor(query: Query, fields: Fields | undefined) {
    super(query, undefined, undefined);
    this.fields = fields;
  }

  override execute(): Promise<never> {
    return Promise.reject(new TypeError('This statement is run by its plan.'));
  }
}
