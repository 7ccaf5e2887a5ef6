import { type SQL, sql } from 'drizzle-orm';
import type { Executor } from './driver/client.ts';
import { prepared, type Statement } from './prepared.ts';

/**
 * Whose rows a statement is about: a person by the id, or by an expression that finds the id within
 * the statement. `id` is one constant for each way to find it, with placeholders for `values`.
 */
export type PersonKey = {
  readonly id: SQL;
  readonly values: Readonly<Record<string, string>>;
  readonly email: string;
};

const BY_ID = sql`${sql.placeholder('userId')}::uuid`;

/** A prepared statement about one person, put together once for each way to find them. */
export function preparedByPerson<Row>(build: (executor: Executor, id: SQL) => Statement<Row>) {
  const statements = new Map<SQL, (executor: Executor, values: PersonKey['values']) => Rows<Row>>();
  return (executor: Executor, person: string | PersonKey): Rows<Row> => {
    const { id, values } =
      typeof person === 'string'
        ? { id: BY_ID, values: { userId: person } as PersonKey['values'] }
        : person;
    const known = statements.get(id);
    const statement = known ?? prepared<PersonKey['values']>()((executor) => build(executor, id));
    if (!known) statements.set(id, statement);
    return statement(executor, values);
  };
}

type Rows<Row> = Promise<readonly Row[]>;
