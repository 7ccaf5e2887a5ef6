import { recordUses, useOf } from '../../access-ledger/record.ts';
import { recordAudit } from '../../audit/record.ts';
import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import { NotAuthenticatedError, ServerBusyError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import { sourceOf } from '../../kernel/source.ts';
import { checkOneTimeToken, spendOneTimeToken } from '../../proofs/one-time-token/redeem.ts';
import { countDailyAttempt, dailyLimitError } from '../../proofs/second-factor/daily-limit.ts';
import {
  enrolledSecondFactors,
  requiresSecondFactor,
} from '../../proofs/second-factor/enrolled.ts';
import { InvalidCodeError } from '../../proofs/second-factor/errors.ts';
import { refundFailure } from '../../proofs/second-factor/failure-store.ts';
import { amrWith } from '../../proofs/second-factor/method.ts';
import { checkOwnFactor, type FactorClaim } from '../../second-factor/check.ts';
import { type FactorCode, readFactorCode } from '../../second-factor/code.ts';
import { type Renewal, renewSession } from '../../session/renew.ts';
import { stepUpMethods } from '../../session/step-up.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';
import { issueTokens, type SignedIn } from '../../sign-in-gate/issue-tokens.ts';

type CodeDeps = Pick<
  Deps,
  'db' | 'clock' | 'random' | 'keyring' | 'config' | 'hasher' | 'log' | 'outbox' | 'accessTokenKeys'
>;

/**
 * Reauthenticates on this session with a code. A person with a second factor needs a code of it, and the
 * attempt counts toward the same daily limit as at sign-in (MF-4). For a person with neither a second factor
 * nor a password, a mailed code replaces the first factor.
 *
 * @throws InvalidCodeError, RateLimitedError, ServerBusyError; NotAuthenticatedError if the session or the
 *   credentials changed in the meantime
 */
export async function reauthenticateWithCode(
  deps: CodeDeps,
  viewer: Authentication,
  input: { readonly method: string; readonly code: string },
  client: Client,
  signal: AbortSignal,
): Promise<SignedIn> {
  const userId = viewer.user.id;
  const about = { userId, sessionId: viewer.session.id, client };
  const presented = readFactorCode(input.method, input.code);
  const factors = await run(deps.db, enrolledSecondFactors(userId));
  const offered = stepUpMethods(deps.config, viewer, factors);
  if (!presented || !offered.includes(presented.method)) throw new InvalidCodeError();
  const { method } = presented;
  if ((await run(deps.db, countDailyAttempt(deps, userId))) === null) {
    throw await dailyLimitError(deps, deps.db, userId);
  }
  const claim = await verifyCode(deps, viewer, presented, client, signal);
  const grant =
    claim &&
    (await viewerTransaction(deps, viewer, 'enroll', async (tx, current) => {
      const isUnchanged = current.user.credentialVersion === viewer.user.credentialVersion;
      if (!isUnchanged) throw new NotAuthenticatedError();
      if (!(await claim.spend(tx))) return null;
      await run(tx, refundFailure(userId));
      const proof = renewalBy(deps, current, method, requiresSecondFactor(factors));
      const renewed = await renewSession(deps, tx, current, proof);
      if (requiresSecondFactor(factors)) {
        await run(
          tx,
          recordUses(deps, { sessionId: current.session.id, uses: [useOf({ method })] }),
        );
      }
      await run(tx, recordAudit(deps, { ...about, type: 'REAUTHENTICATED', detail: { method } }));
      return renewed;
    }));
  if (!grant) {
    const type = 'REAUTHENTICATION_FAILED';
    await viewerTransaction(deps, viewer, 'enroll', (tx) =>
      run(tx, recordAudit(deps, { ...about, type, detail: { method } })),
    );
    throw new InvalidCodeError();
  }
  deps.outbox.wake();
  return issueTokens(deps, grant);
}

async function verifyCode(
  deps: CodeDeps,
  viewer: Authentication,
  presented: FactorCode,
  client: Client,
  signal: AbortSignal,
): Promise<FactorClaim | null> {
  const { user, session } = viewer;
  if (presented.method === 'EMAIL') {
    const code = { email: user.email, code: presented.code };
    // A code of another session is not verified here, so presenting it here does not use it up (EO-3).
    const holder = { userId: user.id, subject: session.id };
    const proof = await checkOneTimeToken(deps, 'reauthenticate', { code }, holder);
    if (!proof) return null;
    return {
      spend: async (tx: Executor) => (await run(tx, spendOneTimeToken(deps, proof))) !== null,
    };
  }
  try {
    const waiting = { source: sourceOf(client), signal };
    return await checkOwnFactor(deps, user, presented, client, waiting);
  } catch (error) {
    if (error instanceof ServerBusyError) await run(deps.db, refundFailure(user.id));
    throw error;
  }
}

function renewalBy(
  deps: Pick<Deps, 'clock'>,
  { session }: Authentication,
  method: FactorCode['method'],
  isSecondFactor: boolean,
): Renewal {
  const now = deps.clock.now();
  if (!isSecondFactor) {
    return { authenticatedAt: now, methods: [...new Set([...session.methods, 'email', 'otp'])] };
  }
  const methods = amrWith(session.methods, method);
  return { authenticatedAt: now, secondFactorAt: now, methods };
}
