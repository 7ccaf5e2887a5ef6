import { recordUses } from '../../access-ledger/record.ts';
import { recordAudit } from '../../audit/record.ts';
import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import { NotAuthenticatedError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import { sourceOf } from '../../kernel/source.ts';
import { InvalidCredentialsError } from '../../proofs/password/errors.ts';
import { reauthenticationLimits } from '../../rate-limit/limits.ts';
import { renewSession } from '../../session/renew.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';
import { issueTokens, type SignedIn } from '../../sign-in-gate/issue-tokens.ts';

type ReauthenticateDeps = Pick<
  Deps,
  'db' | 'clock' | 'random' | 'keyring' | 'config' | 'hasher' | 'rateLimiter' | 'accessTokenKeys'
>;

/**
 * Reauthenticates on this session with the password. The session's authentication is then recent, and its
 * tokens are new (SE-6).
 *
 * @throws InvalidCredentialsError, RateLimitedError, ServerBusyError; NotAuthenticatedError if the session or
 *   the password changed in the meantime
 */
export async function reauthenticateWithPassword(
  deps: ReauthenticateDeps,
  viewer: Authentication,
  password: string,
  client: Client,
  signal: AbortSignal,
): Promise<SignedIn> {
  const limits = reauthenticationLimits(deps.config, viewer.session.id);
  return await deps.rateLimiter.attempt(limits, { client, signal }, () =>
    checkPassword(deps, viewer, password, client, signal),
  );
}

async function checkPassword(
  deps: ReauthenticateDeps,
  viewer: Authentication,
  password: string,
  client: Client,
  signal: AbortSignal,
): Promise<SignedIn> {
  const { user } = viewer;
  const about = {
    userId: user.id,
    sessionId: viewer.session.id,
    client,
    detail: { method: 'pwd' },
  };
  const isRight = await deps.hasher.verify(password, user.passwordHash, {
    source: sourceOf(client),
    signal,
  });
  if (!isRight) {
    await viewerTransaction(deps, viewer, 'enroll', (tx) =>
      run(tx, recordAudit(deps, { ...about, type: 'REAUTHENTICATION_FAILED' })),
    );
    throw new InvalidCredentialsError();
  }
  const grant = await viewerTransaction(deps, viewer, 'enroll', async (tx, current) => {
    if (current.user.credentialVersion !== user.credentialVersion)
      throw new NotAuthenticatedError();
    const renewed = await renewSession(deps, tx, current, {
      authenticatedAt: deps.clock.now(),
      methods: [...new Set([...current.session.methods, 'pwd'])],
    });
    await run(
      tx,
      recordUses(deps, { sessionId: current.session.id, uses: [{ kind: 'password' }] }),
    );
    await run(tx, recordAudit(deps, { ...about, type: 'REAUTHENTICATED' }));
    return renewed;
  });
  return issueTokens(deps, grant);
}
