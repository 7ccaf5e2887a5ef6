import { recordNewAccess } from '../../access-ledger/undo-link.ts';
import { recordAudit } from '../../audit/record.ts';
import { endOtherAccess } from '../../credential-change/end-earlier-access.ts';
import { isUniqueViolation } from '../../db/errors.ts';
import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import type { OneTimeToken } from '../../db/tables/one-time-token.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Outcome } from '../../graphql/result.ts';
import { InvalidTokenError, NotAuthenticatedError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import type { PresentedProof } from '../../kernel/proof.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import { maskedEmail } from '../../mail/strangers.ts';
import { checkOneTimeToken, spendOneTimeToken } from '../../proofs/one-time-token/redeem.ts';
import { endAddressClaims } from '../../proven-address/end-address-claims.ts';
import { requireNotHeld, unlessAddressHeld } from '../../proven-address/held-address.ts';
import { mailProofLimits } from '../../rate-limit/limits.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';
import { changeEmail } from '../../user/store.ts';

/** The account now uses the new address. */
export type EmailChanged = Outcome<'EmailChanged'> & { readonly viewer: Authentication };

type ConfirmDeps = Pick<
  Deps,
  'db' | 'clock' | 'random' | 'keyring' | 'meter' | 'config' | 'rateLimiter' | 'outbox'
>;

/**
 * Makes the change that the signed-in person requested, with the proof from the mail to the new address. Every
 * other session ends. The old address is notified and can undo the change for 72 hours (PR-7).
 *
 * @throws RateLimitedError, ServerBusyError; InvalidTokenError also if the address was taken in the meantime;
 *   NotAuthenticatedError, MfaEnrollmentRequiredError
 */
export async function confirmEmailChange(
  deps: ConfirmDeps,
  viewer: Authentication,
  proof: PresentedProof,
  client: Client,
): Promise<EmailChanged> {
  const checked = await deps.rateLimiter.attempt(
    mailProofLimits(deps.config, client),
    { client },
    async () => {
      const holder = { userId: viewer.user.id };
      const right = await checkOneTimeToken(deps, 'change-email', proof, holder);
      if (!right) throw new InvalidTokenError();
      return right;
    },
  );
  try {
    const changed = await unlessAddressHeld(
      deps,
      { userId: viewer.user.id, client },
      () =>
        viewerTransaction(deps, viewer, 'signedIn', async (tx, current) => {
          const spent = await run(tx, spendOneTimeToken(deps, checked));
          if (!spent) throw new InvalidTokenError();
          return await move(deps, tx, { viewer: current, spent, client });
        }),
      () => new InvalidTokenError(),
    );
    deps.outbox.wake();
    return { kind: 'EmailChanged', viewer: changed };
  } catch (error) {
    // Another account verified the address first. The constraint decides at the last moment (DR-4).
    if (isUniqueViolation(error, 'users_email_unique')) throw new InvalidTokenError();
    throw error;
  }
}

async function move(
  deps: ConfirmDeps,
  tx: Executor,
  change: {
    readonly viewer: Authentication;
    readonly spent: OneTimeToken;
    readonly client: Client;
  },
): Promise<Authentication> {
  const { viewer, spent, client } = change;
  const { id: userId, email: oldEmail, emailVerifiedAt } = viewer.user;
  if (viewer.user.credentialVersion !== spent.credentialVersion) throw new InvalidTokenError();
  const now = deps.clock.now();
  const user = await run(tx, changeEmail({ userId, email: spent.email, now }));
  if (!user) throw new NotAuthenticatedError();
  await requireNotHeld(deps, tx, user.email);
  await endAddressClaims(deps, tx, user.email);
  const sessionId = viewer.session.id;
  const { session } = await endOtherAccess(deps, tx, user, { sessionId });
  await run(tx, recordAudit(deps, { type: 'EMAIL_CHANGED', userId, sessionId, client }));
  const undo = await recordNewAccess(deps, tx, {
    // An old address that was never verified may belong to anybody, so it gets no link back.
    user: { id: userId, email: oldEmail, emailVerifiedAt },
    act: { kind: 'address', sessionId, label: maskedEmail(user.email) },
    purpose: 'undo-email-change',
    client,
  });
  if (!undo) return { user, session };
  await run(
    tx,
    enqueueMail(deps, {
      to: oldEmail,
      message: {
        template: 'email-changed',
        at: now,
        from: client,
        newEmail: user.email,
        ...undo,
      },
    }),
  );
  return { user, session };
}
