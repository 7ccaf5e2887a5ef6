import { run } from '../../db/executor.ts';
import { pipeline } from '../../db/pipeline.ts';
import { mailAtOnce } from '../../email-verification/send.ts';
import type { Outcome } from '../../graphql/result.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { isAwaited } from '../../registration/store.ts';
import { findUserByEmail } from '../../user/store.ts';
import { type AdminRequest, adminTransaction, subjectTransaction } from '../transaction.ts';
import { requireMailAllowance } from './mail-allowance.ts';
import type { AccountDeps } from './subject.ts';

/** The mail is on its way. */
export type VerificationSent = Outcome<'VerificationSent'> & { readonly at: Date };

/**
 * Mails the proof of an address that an account or a waiting registration has not proven yet. As with anybody else who
 * did not register, the mail has a link and no code, and its reader chooses the password (PR-11): a registration that a
 * stranger made with the address becomes nobody's by it.
 *
 * @throws NotFoundError if nobody has to prove the address; RateLimitedError; MissingPermissionError,
 *   NotAuthenticatedError, StepUpRequiredError
 */
export async function resendVerification(
  deps: AccountDeps,
  request: AdminRequest,
  email: string,
): Promise<VerificationSent> {
  const now = deps.clock.now();
  const person = await run(deps.db, findUserByEmail(email));
  if (!person && !(await run(deps.db, isAwaited({ email, now })))) throw new NotFoundError();
  const mail = { purpose: 'verify-email', email };
  if (person) {
    await subjectTransaction(
      deps,
      { ...request, userId: person.id },
      async (tx, { act, subject }) => {
        const isWaiting = !subject.emailVerifiedAt && !subject.disabledAt;
        if (!isWaiting || subject.email !== email) throw new NotFoundError();
        await requireMailAllowance(deps, tx, mail);
        await pipeline(tx, mailAtOnce({ ...deps, act }, { email, address: subject }));
      },
    );
  } else {
    await adminTransaction(deps, request, async (tx, { act }) => {
      await requireMailAllowance(deps, tx, mail);
      await pipeline(tx, mailAtOnce({ ...deps, act }, { email, address: null }));
    });
  }
  deps.outbox.wake();
  return { kind: 'VerificationSent', at: now };
}
