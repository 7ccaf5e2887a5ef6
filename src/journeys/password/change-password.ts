import { recordAdded } from '../../access-ledger/record.ts';
import { recordAudit } from '../../audit/record.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import { NotAuthenticatedError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import { sourceOf } from '../../kernel/source.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import { BOUND_TO_CREDENTIALS } from '../../proofs/one-time-token/purpose.ts';
import { endProofsOf } from '../../proofs/one-time-token/store.ts';
import { InvalidCredentialsError } from '../../proofs/password/errors.ts';
import { demandAllowedPassword, demandUnbreachedPassword } from '../../proofs/password/policy.ts';
import { reauthenticationLimits } from '../../rate-limit/limits.ts';
import { keepAcrossCredentialChange, revokeSessions } from '../../session/store.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';
import { setPassword } from '../../user/store.ts';
import type { PasswordChanged } from './password-changed.ts';

/**
 * Replaces the password by one who knows it. Every other session ends before the answer leaves
 * (PW-10); this one goes on with the tokens it has.
 *
 * @throws InvalidCredentialsError when the current password is wrong, there is none, or it was
 *   changed meanwhile; WeakPasswordError, RateLimitedError, ServerBusyError;
 *   NotAuthenticatedError, MfaEnrollmentRequiredError, StepUpRequiredError
 */
export async function changePassword(
  deps: Pick<
    Deps,
    | 'db'
    | 'clock'
    | 'random'
    | 'keyring'
    | 'config'
    | 'hasher'
    | 'breachCheck'
    | 'rateLimiter'
    | 'outbox'
  >,
  viewer: Authentication,
  input: { readonly currentPassword: string; readonly newPassword: string },
  client: Client,
  signal: AbortSignal,
): Promise<PasswordChanged> {
  // First, because it costs next to nothing: no hash is derived for a password that is refused.
  demandAllowedPassword(deps, input.newPassword, viewer.user);
  const { id: userId, passwordHash: currentHash } = viewer.user;
  const about = { userId, sessionId: viewer.session.id, client };
  const waiting = { source: sourceOf(client), signal };
  const limits = reauthenticationLimits(deps.config, viewer.session.id);
  await deps.rateLimiter.attempt(limits, { client, signal }, async () => {
    if (await deps.hasher.verify(input.currentPassword, currentHash, waiting)) return;
    await viewerTransaction(deps, viewer, 'stepUp', (tx) =>
      recordAudit(deps, tx, { ...about, type: 'PASSWORD_CHANGE_FAILED' }),
    );
    throw new InvalidCredentialsError();
  });
  await demandUnbreachedPassword(deps, input.newPassword);
  const passwordHash = await deps.hasher.hash(input.newPassword, waiting);
  const now = deps.clock.now();
  const sessionsRevoked = await viewerTransaction(deps, viewer, 'stepUp', async (tx, current) => {
    const { email } = current.user;
    const isUnchanged = current.user.credentialVersion === viewer.user.credentialVersion;
    const changed = isUnchanged
      ? await setPassword(tx, { userId, passwordHash, fromMail: false, now })
      : null;
    // Somebody was faster, and what was right a moment ago is not the current password any more.
    if (!changed) throw new InvalidCredentialsError();
    await endProofsOf(tx, { userId, now, purposes: BOUND_TO_CREDENTIALS });
    const { credentialVersion } = changed;
    const sessionId = viewer.session.id;
    await recordAdded(deps, tx, { userId, sessionId, kind: 'password' });
    const session = await keepAcrossCredentialChange(
      tx,
      { sessionId, userId, now },
      { credentialVersion },
    );
    if (!session) throw new NotAuthenticatedError();
    const ended = await revokeSessions(tx, {
      userId,
      exceptSessionId: sessionId,
      now,
      because: 'credentials-changed',
    });
    const detail = { sessionsRevoked: ended };
    await recordAudit(deps, tx, { ...about, type: 'PASSWORD_CHANGED', detail });
    await enqueueMail(deps, tx, {
      to: email,
      message: { template: 'password-changed', at: now, from: client },
    });
    return ended;
  });
  deps.outbox.wake();
  return { kind: 'PasswordChanged', at: now, sessionsRevoked };
}
