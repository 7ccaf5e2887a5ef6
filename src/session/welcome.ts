import { recordAudit } from '../audit/record.ts';
import type { Executor } from '../db/driver/client.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import type { Client } from '../kernel/ports.ts';
import { issueChallenge, type MfaRequired } from '../proofs/second-factor/challenge.ts';
import type { EnrolledFactors } from '../proofs/second-factor/enrolled.ts';
import { noticeSignIn, type SignInHistory } from './history.ts';
import type { SessionGrant } from './signed-in.ts';

/**
 * What a new session leaves behind: mails where there is something to notice, and its row.
 *
 * @returns true when a mail is on its way
 */
export async function welcome(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring'>,
  executor: Executor,
  grant: SessionGrant,
  input: { readonly client: Client; readonly history: SignInHistory },
): Promise<boolean> {
  const { session } = grant;
  const [mailed] = await Promise.all([
    noticeSignIn(deps, executor, grant, input),
    recordAudit(deps, executor, {
      type: 'SIGNED_IN',
      userId: session.userId,
      sessionId: session.id,
      client: input.client,
      detail: { method: session.methods.join(' ') },
    }),
  ]);
  return mailed;
}

/** Asks for the second factor that is owed. */
export async function challenge(
  deps: Pick<Deps, 'clock' | 'random'>,
  executor: Executor,
  input: {
    readonly user: User;
    readonly firstFactor: string;
    readonly identityId?: string | null;
    readonly client: Client;
    readonly factors: EnrolledFactors;
  },
): Promise<MfaRequired> {
  const { user, firstFactor, client } = input;
  const [, required] = await Promise.all([
    recordAudit(deps, executor, {
      type: 'SECOND_FACTOR_REQUIRED',
      userId: user.id,
      client,
      detail: { method: firstFactor },
    }),
    issueChallenge(deps, executor, input),
  ]);
  return required;
}
