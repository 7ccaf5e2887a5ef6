import { type SQL, sql } from 'drizzle-orm';
import { hotStatement, type Statement } from '../db/statement.ts';
import { users } from '../db/tables/user.ts';

/** Identifies the person whose rows a statement reads: by id, or by address before the id is known. */
export type PersonKey = string | { readonly email: string };

/** A hot statement about one person. Its text is written once for each way to find the person. */
export function personStatement<Row>(
  write: (userId: SQL) => SQL,
): (person: PersonKey) => Statement<readonly Row[]> {
  const byId = hotStatement<{ userId: string }, Row>((value) =>
    write(sql`${value('userId')}::uuid`),
  );
  const byEmail = hotStatement<{ email: string }, Row>((value) =>
    write(sql`(select ${users.id} from ${users} where ${users.email} = ${value('email')})`),
  );
  return (person) => (typeof person === 'string' ? byId({ userId: person }) : byEmail(person));
}
