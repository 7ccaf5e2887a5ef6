import type { Executor } from '../../db/client.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Client } from '../../kernel/ports.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import { issueOneTimeToken } from '../../proofs/one-time-token/issue.ts';
import { takeBackUrl } from './take-back-url.ts';

/**
 * Tells the address the account has of the wish for another, with a way to stop it (PR-7). Not
 * one that never proved itself: it may be anybody's, and the link would hand them the account.
 */
export async function tellOldAddress(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring' | 'config'>,
  executor: Executor,
  change: {
    readonly viewer: Authentication;
    readonly newEmail: string;
    readonly client: Client;
  },
): Promise<void> {
  const { id: userId, email, emailVerifiedAt, credentialVersion } = change.viewer.user;
  if (!emailVerifiedAt) return;
  const about = { userId, subject: userId, credentialVersion, email };
  const stop = { purpose: 'stop-email-change', ...about } as const;
  const proof = await issueOneTimeToken(deps, executor, stop);
  await enqueueMail(deps, executor, {
    to: email,
    message: {
      template: 'email-change-requested',
      at: deps.clock.now(),
      from: change.client,
      newEmail: change.newEmail,
      url: takeBackUrl(deps.config, proof),
      expiresAt: proof.expiresAt,
    },
  });
}
