import { recordAudit } from '../../audit/record.ts';
import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Outcome } from '../../graphql/result.ts';
import { deleteInvitation } from '../../invitation/store.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { isId } from '../../kernel/id.ts';
import { type AdminRequest, adminTransaction } from '../transaction.ts';

/** The link of the invitation leads nowhere any more. */
export type InvitationRevoked = Outcome<'InvitationRevoked'> & { readonly id: string };

/**
 * Removes an invitation. An account that an administrator made for the person stays.
 *
 * @throws NotFoundError if it was accepted, replaced, revoked or removed; NotAuthenticatedError, MissingPermissionError,
 *   StepUpRequiredError
 */
export async function revokeInvitation(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'config'>,
  request: AdminRequest,
  id: string,
): Promise<InvitationRevoked> {
  return await adminTransaction(deps, request, async (tx, { act }) => {
    const revoked = isId(id) ? await run(tx, deleteInvitation(id)) : null;
    if (!revoked) throw new NotFoundError();
    const { userId } = revoked;
    const detail = { invitation: id };
    const event = { type: 'INVITATION_REVOKED', userId, client: null, detail } as const;
    await run(tx, recordAudit({ ...deps, act }, event));
    return { kind: 'InvitationRevoked', id };
  });
}
