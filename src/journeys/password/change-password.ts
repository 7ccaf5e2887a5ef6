import { recordAdded } from '../../access-ledger/record.ts';
import { recordAudit } from '../../audit/record.ts';
import { endOtherAccess } from '../../credential-change/end-earlier-access.ts';
import { reportChange } from '../../credential-change/report-change.ts';
import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Client } from '../../kernel/ports.ts';
import { sourceOf } from '../../kernel/source.ts';
import { InvalidCredentialsError } from '../../proofs/password/errors.ts';
import { checkBreachedPassword, requireAllowedPassword } from '../../proofs/password/policy.ts';
import { reauthenticationLimits } from '../../rate-limit/limits.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';
import { setPassword } from '../../user/store.ts';
import type { PasswordChanged } from './password-changed.ts';

/**
 * Changes the password, with the current one. Every other session ends before the response is sent (PW-10). The
 * current session continues with its tokens.
 *
 * @throws InvalidCredentialsError if the current password is wrong, there is none, or it was changed in the
 *   meantime; WeakPasswordError, RateLimitedError, ServerBusyError; NotAuthenticatedError,
 *   MfaEnrollmentRequiredError, StepUpRequiredError
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
  // First, because it costs almost nothing: no hash is derived for a password that is rejected.
  requireAllowedPassword(deps, input.newPassword, viewer.user);
  const { id: userId, passwordHash: currentHash } = viewer.user;
  const about = { userId, sessionId: viewer.session.id, client };
  const waiting = { source: sourceOf(client), signal };
  const limits = reauthenticationLimits(deps.config, viewer.session.id);
  await deps.rateLimiter.attempt(limits, { client, signal }, async () => {
    if (await deps.hasher.verify(input.currentPassword, currentHash, waiting)) return;
    await viewerTransaction(deps, viewer, 'stepUp', (tx) =>
      run(tx, recordAudit(deps, { ...about, type: 'PASSWORD_CHANGE_FAILED' })),
    );
    throw new InvalidCredentialsError();
  });
  await checkBreachedPassword(deps, input.newPassword);
  const passwordHash = await deps.hasher.hash(input.newPassword, waiting);
  const now = deps.clock.now();
  const sessionsRevoked = await viewerTransaction(deps, viewer, 'stepUp', async (tx, current) => {
    const { email } = current.user;
    const isUnchanged = current.user.credentialVersion === viewer.user.credentialVersion;
    const changed = isUnchanged
      ? await run(tx, setPassword({ userId, passwordHash, fromMail: false, now }))
      : null;
    // Another change was faster: the verified password is no longer the current one.
    if (!changed) throw new InvalidCredentialsError();
    const sessionId = viewer.session.id;
    await run(tx, recordAdded(deps, { userId, sessionId, kind: 'password' }));
    const after = await endOtherAccess(deps, tx, changed, { sessionId });
    const detail = { sessionsRevoked: after.sessionsRevoked };
    const event = { ...about, type: 'PASSWORD_CHANGED', detail } as const;
    const message = { template: 'password-changed', at: now, from: client } as const;
    await reportChange(deps, tx, event, { to: email, message });
    return after.sessionsRevoked;
  });
  deps.outbox.wake();
  return { kind: 'PasswordChanged', at: now, sessionsRevoked };
}
