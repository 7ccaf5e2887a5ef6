import { recordAudit } from '../../audit/record.ts';
import { type Executor, run } from '../../db/executor.ts';
import { pipeline } from '../../db/pipeline.ts';
import type { Invitation } from '../../db/tables/invitation.ts';
import type { Deps } from '../../deps.ts';
import {
  INVITATION_LIFETIME,
  type ListedInvitation,
  putInvitation,
} from '../../invitation/store.ts';
import { createInvitationToken, hashInvitationToken } from '../../invitation/token.ts';
import { after } from '../../kernel/duration.ts';
import { newId } from '../../kernel/id.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import { countInTransaction } from '../../rate-limit/count.ts';
import { invitationLimits } from '../../rate-limit/limits.ts';
import type { Acting } from '../transaction.ts';

/** What an invitation says about the invited person. */
type Invited = Pick<Invitation, 'email' | 'userId' | 'roles' | 'name' | 'locale'>;

/**
 * Writes an invitation and its mail in the caller's transaction. An earlier invitation of the address is void from then
 * on (AD-8). The mail holds no text of the administrator but the invited person's name, which the template shows only if it
 * is a plain one: nobody can write to strangers in the name of the application.
 *
 * @throws RateLimitedError if the address was mailed, or the caller has invited, too often (RL-9)
 */
export async function issueInvitation(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring' | 'meter' | 'config'>,
  tx: Executor,
  { caller, act }: Acting,
  invited: Invited,
): Promise<ListedInvitation> {
  const { email, name } = invited;
  const limits = invitationLimits(deps.config, { email, callerId: caller.id });
  await countInTransaction(deps, tx, limits);
  const token = createInvitationToken(deps);
  const now = deps.clock.now();
  const expiresAt = after(now, INVITATION_LIFETIME);
  const isPerson = caller.kind === 'PERSON';
  const invitation: Invitation = {
    id: newId(deps),
    ...invited,
    tokenHash: hashInvitationToken(token),
    invitedById: isPerson ? caller.id : null,
    invitedByName: isPerson ? null : caller.name,
    invitedByTokenId: caller.kind === 'TOKEN' ? caller.id : null,
    createdAt: now,
    expiresAt,
  };
  const url = `${deps.config.appUrl}/accept-invitation?token=${token}`;
  const message = { template: 'invitation', url, name, expiresAt } as const;
  await run(tx, putInvitation(invitation));
  await pipeline(tx, [
    enqueueMail(deps, { to: email, message }),
    recordAudit(
      { ...deps, act },
      {
        type: 'INVITATION_SENT',
        userId: invitation.userId,
        client: null,
        detail: { invitation: invitation.id, roles: invitation.roles.join(' ') },
      },
    ),
  ]);
  return { ...invitation, invitedByEmail: isPerson ? caller.name : null };
}
