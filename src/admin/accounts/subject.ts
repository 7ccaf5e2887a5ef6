import type { Executor } from '../../db/executor.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import type { Act } from '../../kernel/act.ts';
import { InvalidInputError } from '../../kernel/errors.ts';
import { principalOf } from '../caller.ts';
import { type AdminRequest, subjectTransaction } from '../transaction.ts';

/** The request of an act on a person. */
export type AccountRequest = AdminRequest & { readonly userId: string };

/** The parts of the server that every act on a person needs. */
export type AccountDeps = Pick<
  Deps,
  'db' | 'clock' | 'random' | 'keyring' | 'config' | 'outbox' | 'meter'
>;

/**
 * Runs an administrator's act on a person: {@link subjectTransaction}, with the dependencies that record the act.
 *
 * @throws NotFoundError, MissingPermissionError, NotAuthenticatedError, StepUpRequiredError
 */
export async function onAccount<T>(
  deps: AccountDeps,
  request: AccountRequest,
  work: (deps: AccountDeps & { readonly act: Act }, tx: Executor, person: User) => Promise<T>,
): Promise<T> {
  const outcome = await subjectTransaction(deps, request, async (tx, { act, subject }) =>
    work({ ...deps, act }, tx, subject),
  );
  deps.outbox.wake();
  return outcome;
}

/**
 * The same for an act that takes something away for good. Nobody does that to their own account here. On their own pages
 * such a change can be undone with a mailed link (ADR-0018), so a thief of an administrator's session must not find a
 * way around it. A token that the session made is no way around it, either: it acts for its creator. And nobody locks
 * themselves out by pasting the wrong id.
 *
 * @throws InvalidInputError for the caller's own account; whatever {@link onAccount} throws
 */
export async function onOtherAccount<T>(
  deps: AccountDeps,
  request: AccountRequest,
  work: (deps: AccountDeps & { readonly act: Act }, tx: Executor, person: User) => Promise<T>,
): Promise<T> {
  const { caller, userId } = request;
  if (principalOf(caller) === userId) {
    throw new InvalidInputError([
      {
        path: ['input', 'userId'],
        message: 'This is your own account. Change it on the pages of the account.',
      },
    ]);
  }
  return await onAccount(deps, request, work);
}
