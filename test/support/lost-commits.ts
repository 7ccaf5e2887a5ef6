import { sql } from 'drizzle-orm';
import type { Executor } from '../../src/db/executor.ts';
import { transaction } from '../../src/db/transaction.ts';
import { queryDatabase } from './query-database.ts';
import type { TestServer } from './server.ts';

/** A moment that the database can be taken back to. */
export type Moment = {
  /** Loses every commit since, in every table, as an asynchronous failover or a restore does. */
  readonly loseCommits: () => Promise<void>;
};

let moments = 0;

/** Keeps a copy of every row as it is now. */
export async function rememberDatabase(server: TestServer): Promise<Moment> {
  const { db } = server.app.deps;
  moments += 1;
  const copies = `moment_${moments}`;
  const names = await tablesOf(db);
  const copyOf = (name: string) => sql`${sql.identifier(copies)}.${sql.identifier(name)}`;
  await transaction(db, async (tx) => {
    await queryDatabase(tx, sql`create schema ${sql.identifier(copies)}`);
    for (const name of names)
      await queryDatabase(tx, sql`create table ${copyOf(name)} as table ${sql.identifier(name)}`);
  });
  return {
    loseCommits: () =>
      transaction(db, async (tx) => {
        // Neither foreign keys nor triggers: the rows come back as they were.
        await queryDatabase(tx, sql`set local session_replication_role = replica`);
        for (const name of names) {
          await queryDatabase(tx, sql`delete from ${sql.identifier(name)}`);
          await queryDatabase(
            tx,
            sql`insert into ${sql.identifier(name)} overriding system value select * from ${copyOf(name)}`,
          );
        }
      }),
  };
}

async function tablesOf(executor: Executor): Promise<readonly string[]> {
  const rows = await queryDatabase<{ name: string }>(
    executor,
    sql`
    select relname as name from pg_class
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
      and not relispartition`,
  );
  return rows.map(({ name }) => name);
}
