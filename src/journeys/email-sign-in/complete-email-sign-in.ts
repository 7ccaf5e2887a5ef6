import { recordAudit } from '../../audit/record.ts';
import { run } from '../../db/executor.ts';
import { pipelineTransaction } from '../../db/pipeline.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { InvalidTokenError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import { type CheckedProof, checkOneTimeToken } from '../../proofs/one-time-token/redeem.ts';
import { findLiveBySubject } from '../../proofs/one-time-token/store.ts';
import type { MfaRequired } from '../../proofs/second-factor/challenge.ts';
import { unlessAddressHeld } from '../../proven-address/held-address.ts';
import { emailSignInCodeLimits, mailProofLimits } from '../../rate-limit/limits.ts';
import { isAccountChanged } from '../../session/create.ts';
import { countFailure } from '../../sign-in-gate/history-store.ts';
import { finishSignIn, type SignedIn } from '../../sign-in-gate/issue-tokens.ts';
import { findUserByEmail } from '../../user/store.ts';
import { signInWithProof } from './sign-in-with-proof.ts';
import { addressOfSignIn, subjectOfSignIn } from './token.ts';

type CompleteDeps = Pick<
  Deps,
  | 'db'
  | 'clock'
  | 'random'
  | 'keyring'
  | 'meter'
  | 'config'
  | 'rateLimiter'
  | 'outbox'
  | 'accessTokenKeys'
>;

/** The proof from the mail: the token of its link, or its code with the token of the browser that requested it. */
export type PresentedSignIn =
  | { readonly token: string }
  | { readonly code: string; readonly emailSignInToken: string };

/**
 * Signs in with the proof from a mail. A link works in every browser: it shows that its reader has the mailbox.
 * A code works only in the browser that requested it. The link and the code of a mail are one proof, so that
 * each ends with the other (EL-1). A right proof is used up together with the sign-in: if the sign-in is refused
 * by a limit, the same mail can be used again.
 *
 * @throws InvalidTokenError, RateLimitedError
 */
export async function completeEmailSignIn(
  deps: CompleteDeps,
  presented: PresentedSignIn,
  client: Client,
  signal: AbortSignal,
): Promise<SignedIn | MfaRequired> {
  if (deps.config.emailSignIn.mode === 'off') throw new InvalidTokenError();
  const proof =
    'token' in presented
      ? await checkLink(deps, presented.token, client, signal)
      : await checkCode(deps, presented, client, signal);
  try {
    const outcome = await unlessAddressHeld(
      deps,
      { userId: null, client },
      () => transaction(deps.db, (tx) => signInWithProof(deps, tx, { proof, client })),
      () => new InvalidTokenError(),
    );
    deps.outbox.wake();
    return finishSignIn(deps, outcome);
  } catch (error) {
    if (isAccountChanged(error)) throw new InvalidTokenError();
    throw error;
  }
}

async function checkLink(
  deps: CompleteDeps,
  token: string,
  client: Client,
  signal: AbortSignal,
): Promise<CheckedProof> {
  const limits = mailProofLimits(deps.config, client);
  return await deps.rateLimiter.attempt(limits, { client, signal }, async () => {
    const proof = await checkOneTimeToken(deps, 'email-sign-in', { token });
    if (!proof) throw new InvalidTokenError();
    return proof;
  });
}

/** A code from another browser is compared with nothing (EL-1). */
async function checkCode(
  deps: CompleteDeps,
  { code, emailSignInToken }: Extract<PresentedSignIn, { code: string }>,
  client: Client,
  signal: AbortSignal,
): Promise<CheckedProof> {
  const subject = subjectOfSignIn(emailSignInToken);
  const purpose = 'email-sign-in';
  const email = addressOfSignIn(deps, emailSignInToken);
  const limits = [
    ...mailProofLimits(deps.config, client),
    ...emailSignInCodeLimits(deps.config, client, { email, subject }),
  ];
  return await deps.rateLimiter.attempt(limits, { client, signal }, async () => {
    if (email === null) throw new InvalidTokenError();
    const own = await run(deps.db, findLiveBySubject({ purpose, subject, now: deps.clock.now() }));
    if (!own) throw new InvalidTokenError();
    const proof = await checkOneTimeToken(deps, purpose, { code: { email, code } }, { subject });
    if (proof) return proof;
    await recordFailure(deps, email, client);
    throw new InvalidTokenError();
  });
}

/** A wrong code from the browser that requested it is a failed sign-in at the address, like a wrong password. */
async function recordFailure(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring'>,
  email: string,
  client: Client,
): Promise<void> {
  const user = await run(deps.db, findUserByEmail(email));
  await pipelineTransaction(deps.db, [
    recordAudit(deps, {
      type: 'SIGN_IN_FAILED',
      userId: user?.id ?? null,
      actorId: null,
      client,
      detail: { reason: 'wrong-code' },
    }),
    countFailure(deps, email),
  ]);
}
