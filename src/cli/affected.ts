import { run } from '../db/executor.ts';
import { countLiveSessions } from '../session/store.ts';
import { NoSuchAccountError } from '../user/errors.ts';
import { findUserByEmail } from '../user/store.ts';
import type { CommandDeps } from './with-database.ts';

/** A count with its noun, as commands print it: `1 session`, `2 sessions`. */
export function amount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Counts the live sessions of an account. @throws NoSuchAccountError */
export async function countSessionsOf(
  { db, clock }: Pick<CommandDeps, 'db' | 'clock'>,
  email: string,
): Promise<number> {
  const person = await run(db, findUserByEmail(email));
  if (!person) throw new NoSuchAccountError();
  return await run(db, countLiveSessions({ userId: person.id, now: clock.now() }));
}
