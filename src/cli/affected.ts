import { NotFoundError } from '../kernel/errors.ts';
import { countLiveSessions } from '../session/store.ts';
import { findUserByEmail } from '../user/store.ts';
import type { CommandDeps } from './with-database.ts';

/** How many live sessions an account has. @throws NotFoundError */
export async function countSessionsOf(
  { db, clock }: Pick<CommandDeps, 'db' | 'clock'>,
  email: string,
): Promise<number> {
  const person = await findUserByEmail(db, email);
  if (!person) throw new NotFoundError();
  return await countLiveSessions(db, { userId: person.id, now: clock.now() });
}
