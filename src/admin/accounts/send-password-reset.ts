import { recordAudit } from '../../audit/record.ts';
import { run } from '../../db/executor.ts';
import type { Outcome } from '../../graphql/result.ts';
import { InvalidInputError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/id.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import { issueOneTimeToken } from '../../proofs/one-time-token/issue.ts';
import { requireMailAllowance } from './mail-allowance.ts';
import { type AccountDeps, type AccountRequest, onAccount } from './subject.ts';

/** The mail is on its way. */
export type PasswordResetSent = Outcome<'PasswordResetSent'> & { readonly at: Date };

/**
 * Mails a person a link with which they choose a new password. Nothing changes until it is used, and it proves no
 * more than a reset that the person requests: the second factor is still asked for. There is no code, because a code
 * works only in the browser that requested it (RL-3), and the caller learns neither link nor token (AD-4).
 *
 * @throws NotFoundError; InvalidInputError for a disabled account; RateLimitedError; MissingPermissionError,
 *   NotAuthenticatedError, StepUpRequiredError
 */
export async function sendPasswordReset(
  deps: AccountDeps,
  request: AccountRequest,
): Promise<PasswordResetSent> {
  return await onAccount(deps, request, async (acting, tx, person) => {
    if (person.disabledAt) throw new InvalidInputError([DISABLED]);
    const { id: userId, email, credentialVersion } = person;
    await requireMailAllowance(deps, tx, { purpose: 'reset-password', email });
    const { token, expiresAt } = await issueOneTimeToken(acting, tx, {
      purpose: 'reset-password',
      ...{ email, credentialVersion, from: null },
      // Beside the links that were mailed before, which keep working.
      subject: newId(acting),
    });
    const url = `${acting.config.appUrl}/reset-password?token=${token}`;
    const message = { template: 'reset-password-offered', url, expiresAt } as const;
    await run(tx, enqueueMail(acting, { to: email, message }));
    const event = { type: 'PASSWORD_RESET_REQUESTED', userId, client: null } as const;
    await run(tx, recordAudit(acting, event));
    return { kind: 'PasswordResetSent', at: acting.clock.now() };
  });
}

const DISABLED = {
  path: ['input', 'userId'],
  message: 'The account is disabled. A new password would give no access.',
} as const;
