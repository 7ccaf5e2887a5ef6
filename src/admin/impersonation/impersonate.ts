import { recordAudit } from '../../audit/record.ts';
import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Outcome } from '../../graphql/result.ts';
import { HANDOVER_LIFETIME, insertHandover } from '../../impersonation/store.ts';
import { createHandoverToken, hashHandoverToken } from '../../impersonation/token.ts';
import { after } from '../../kernel/duration.ts';
import { InvalidInputError, MissingPermissionError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/id.ts';
import { type AdminRequest, subjectTransaction } from '../transaction.ts';

/** A token that the caller may exchange once for a session of the person. */
export type HandoverIssued = Outcome<'HandoverIssued'> & {
  readonly handoverToken: string;
  readonly expiresAt: Date;
};

type ImpersonationRequest = AdminRequest & { readonly userId: string; readonly reason: string };

/**
 * Lets the caller act as a person, for support. The answer is no session: `completeHandover` of the public API, where the
 * application runs, exchanges the token for one, and checks everything again (IM-1, IM-4).
 *
 * The permission counts for people alone. A machine has no session that the impersonation could end with (IM-3).
 *
 * @throws MissingPermissionError if IMPERSONATION is off, for an admin token, and if the person has a permission that the
 *   caller lacks (AD-3); InvalidInputError for the caller themselves and for a disabled account; NotFoundError,
 *   NotAuthenticatedError, StepUpRequiredError
 */
export async function impersonateUser(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'config'>,
  request: ImpersonationRequest,
): Promise<HandoverIssued> {
  const { caller, permission, userId, reason } = request;
  if (!deps.config.impersonation.enabled || caller.kind !== 'PERSON')
    throw new MissingPermissionError(permission);
  const impersonator = caller.viewer.session;
  if (userId === caller.id) throw refusedPerson('You cannot act as yourself.');
  return await subjectTransaction(deps, request, async (tx, { act, subject }) => {
    if (subject.disabledAt) throw refusedPerson('This account is disabled.');
    const now = deps.clock.now();
    const handoverToken = createHandoverToken(deps);
    const expiresAt = after(now, HANDOVER_LIFETIME);
    await run(
      tx,
      insertHandover({
        id: newId(deps),
        tokenHash: hashHandoverToken(handoverToken),
        userId: subject.id,
        impersonatorId: caller.id,
        impersonatorSessionId: impersonator.id,
        ...{ reason, expiresAt },
        createdAt: now,
      }),
    );
    await run(
      tx,
      recordAudit(
        { ...deps, act },
        { type: 'IMPERSONATION_REQUESTED', userId: subject.id, client: null },
      ),
    );
    return { kind: 'HandoverIssued', handoverToken, expiresAt };
  });
}

function refusedPerson(message: string): InvalidInputError {
  return new InvalidInputError([{ path: ['input', 'userId'], message }]);
}
