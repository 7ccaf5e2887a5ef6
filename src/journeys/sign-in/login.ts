import { isAssertionFailure, pipelineTransaction } from '../../db/pipeline.ts';
import type { Statement } from '../../db/statement.ts';
import type { Registration } from '../../db/tables/registration.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import { addresseeOf, askForVerification } from '../../email-verification/ask.ts';
import type { EmailVerificationRequired } from '../../email-verification/outcomes.ts';
import { mailVerification } from '../../email-verification/send.ts';
import type { Client, HashOptions } from '../../kernel/ports.ts';
import type { Attempt } from '../../kernel/rate-limit.ts';
import { sourceOf } from '../../kernel/source.ts';
import type { MfaRequired } from '../../proofs/second-factor/challenge.ts';
import { countInPipeline } from '../../rate-limit/count.ts';
import { readDeviceToken } from '../../rate-limit/device-token.ts';
import { completedSignInLimits, signInLimits } from '../../rate-limit/limits.ts';
import { matchesLoginTag } from '../../registration/login-tag.ts';
import { completeFirstFactor } from '../../sign-in-gate/complete-factor.ts';
import { recordLimitsReached } from '../../sign-in-gate/count-sign-in.ts';
import type { PersonRecord } from '../../sign-in-gate/history.ts';
import { finishSignIn, type SignedIn } from '../../sign-in-gate/issue-tokens.ts';
import { type Candidate, countAndReadCandidate } from './candidate.ts';
import { recordFailure } from './record-failure.ts';
import { rehashIfOutdated } from './rehash.ts';

type LoginDeps = Pick<
  Deps,
  | 'db'
  | 'clock'
  | 'random'
  | 'log'
  | 'keyring'
  | 'config'
  | 'hasher'
  | 'hashQueue'
  | 'rateLimiter'
  | 'meter'
  | 'outbox'
  | 'accessTokenKeys'
>;

/**
 * The credentials of a sign-in. The client got the `deviceToken` from an earlier sign-in and the
 * `registrationToken` from a registration.
 */
export type Credentials = {
  readonly email: string;
  readonly password: string;
  readonly deviceToken: string | null;
  readonly registrationToken: string | null;
};

/**
 * Signs in with an address and a password. Exactly one hash is derived, whatever the address is, and every
 * refusal is the same (LG-1, LG-2). An attempt beyond a rate limit is refused before its password is
 * verified, whether or not the address has an account (RL-11).
 *
 * @param input.email in canonical form
 * @throws InvalidCredentialsError, RateLimitedError, ServerBusyError
 */
export async function login(
  deps: LoginDeps,
  input: Credentials,
  client: Client,
  signal: AbortSignal,
): Promise<SignInOutcome> {
  const source = sourceOf(client);
  deps.hashQueue.requireRoom(source);
  const device = readDeviceToken(deps, input.email, input.deviceToken);
  const limits = signInLimits(deps.config, client, input.email, device);
  return await deps.rateLimiter.withAttempt(limits, { client, signal }, async (attempt) => {
    const reservation = await deps.hashQueue.reserve(source);
    try {
      const candidate = await countAndReadCandidate(deps, attempt, input);
      const verified = await verifyPassword(deps, input, candidate, { signal, reservation });
      switch (verified.as) {
        case 'account':
          await rehashIfOutdated(deps, verified.user, input.password, client);
          if (mustVerifyEmail(deps, verified.user)) {
            const outcome = await askForVerification(deps, verified.user, client);
            await attempt.confirm();
            return outcome;
          }
          return await signIn(
            deps,
            { user: verified.user, record: await candidate.record, isKnownDevice: device !== null },
            attempt,
            client,
          );
        case 'registration':
          // The attempt is not confirmed, so it counts as a failure even though the password is correct. A
          // stranger can register this address with a password of their own, and the correct password of that
          // registration is only a guess at the owner's password (PR-11).
          return await remindOfVerification(deps, input, verified.registration, candidate, client);
        case 'nobody':
          throw await recordFailure(deps, input.email, candidate.user, client, verified.reason);
      }
    } finally {
      reservation.release();
    }
  });
}

type SignInOutcome = SignedIn | MfaRequired | EmailVerificationRequired;

/** The owner of the password: an account, a pending registration, or nobody. */
type Verified =
  | { readonly as: 'account'; readonly user: User }
  | { readonly as: 'registration'; readonly registration: Registration }
  | { readonly as: 'nobody'; readonly reason: string };

async function verifyPassword(
  deps: Pick<Deps, 'keyring' | 'hasher'>,
  input: Credentials,
  { user, registration }: Candidate,
  options: HashOptions,
): Promise<Verified> {
  // A disabled account has no password: its right password then costs what a wrong one costs (LG-2).
  const stored = user?.disabledAt ? null : (user?.passwordHash ?? null);
  const isRight = await deps.hasher.verify(input.password, stored, options);
  if (isRight && user) return { as: 'account', user };
  if (registration && isPasswordOf(deps, registration, input)) {
    return { as: 'registration', registration };
  }
  return { as: 'nobody', reason: user?.disabledAt ? 'disabled' : 'wrong-password' };
}

function isPasswordOf(
  deps: Pick<Deps, 'keyring'>,
  { loginTag }: Registration,
  { email, password, registrationToken }: Credentials,
): boolean {
  if (registrationToken === null) return false;
  return matchesLoginTag(deps, loginTag, { token: registrationToken, email, password });
}

function mustVerifyEmail({ config }: Pick<Deps, 'config'>, user: User): boolean {
  return config.emailVerification === 'required' && !user.emailVerifiedAt;
}

/**
 * Every registration gets the same answer, whether or not its address has an account by now: only the mail
 * says which (LG-4).
 */
async function remindOfVerification(
  deps: LoginDeps,
  { email, registrationToken }: Credentials,
  registration: Registration,
  { user: holder }: Candidate,
  client: Client,
): Promise<EmailVerificationRequired> {
  const mailed = await mailVerification(deps, addresseeOf(email, registration, holder), client);
  const kind = 'EmailVerificationRequired';
  return { kind, email, registrationToken: registrationToken ?? '', ...mailed };
}

/** Starts the session or issues the challenge, confirms the attempt and counts the success, in one pipeline. */
async function signIn(
  deps: LoginDeps,
  person: {
    readonly user: User;
    readonly record: PersonRecord;
    readonly isKnownDevice: boolean;
  },
  attempt: Pick<Attempt<Statement<unknown>>, 'confirmation'>,
  client: Client,
): Promise<SignedIn | MfaRequired> {
  const { user, record, isKnownDevice } = person;
  const limits = completedSignInLimits(deps.config, client, { userId: user.id, isKnownDevice });
  const counting = countInPipeline(deps, limits);
  const completed = completeFirstFactor(deps, { user, firstFactor: 'pwd', client }, record);
  try {
    // The person's row first: every operation locks rows in this order.
    await pipelineTransaction(deps.db, [
      ...completed.statements,
      ...counting.statements,
      attempt.confirmation(),
    ]);
  } catch (error) {
    const isAborted = isAssertionFailure(error);
    const refusal = isAborted ? counting.refusal() : null;
    if (refusal) throw refusal;
    // A reset or a change of the password was committed first, so the verified password is no longer current.
    if (isAborted) throw await recordFailure(deps, user.email, user, client, 'credentials-changed');
    throw error;
  }
  if (completed.mailed) deps.outbox.wake();
  await reportLimitsReached(deps, counting.closed(), client);
  return finishSignIn(deps, completed.outcome);
}

/** The sign-in is committed: a database that goes away here must not take its answer. */
async function reportLimitsReached(
  deps: LoginDeps,
  limits: readonly string[],
  client: Client,
): Promise<void> {
  try {
    await recordLimitsReached(deps, deps.db, limits, client);
  } catch (error) {
    deps.log.error({ err: error, limits }, 'audit of a reached limit failed');
  }
}
