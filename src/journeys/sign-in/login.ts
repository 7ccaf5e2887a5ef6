import { isUnmet, transactionInOneTrip } from '../../db/one-trip.ts';
import type { Registration } from '../../db/tables/registration.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import { addresseeOf, askForVerification } from '../../email-verification/ask.ts';
import type { EmailVerificationRequired } from '../../email-verification/outcomes.ts';
import { mailVerification } from '../../email-verification/send.ts';
import type { Client, HashOptions, Reservation } from '../../kernel/ports.ts';
import { sourceOf } from '../../kernel/source.ts';
import type { MfaRequired } from '../../proofs/second-factor/challenge.ts';
import { countInPipeline } from '../../rate-limit/count-in.ts';
import { readDeviceToken } from '../../rate-limit/device-token.ts';
import { completedSignInLimits, signInLimits } from '../../rate-limit/limits.ts';
import { matchesLoginTag } from '../../registration/login-tag.ts';
import { isRegistrationToken } from '../../registration/token.ts';
import { completeFirstFactorTogether } from '../../sign-in-gate/complete-factor.ts';
import { recordLimitsReached } from '../../sign-in-gate/count-sign-in.ts';
import { finishSignIn, type SignedIn } from '../../sign-in-gate/issue-tokens.ts';
import { type Attempt, type Candidate, readCandidate } from './candidate.ts';
import { refuse } from './refuse.ts';
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
 * What is presented to sign in. `deviceToken` is what an earlier sign-in left on the device,
 * `registrationToken` what a registration left in the browser.
 */
export type Credentials = {
  readonly email: string;
  readonly password: string;
  readonly deviceToken: string | null;
  readonly registrationToken: string | null;
};

/**
 * Signs in with an address and a password. Exactly one hash is derived whatever the address is,
 * every refusal is the same (LG-1, LG-2), and a throttled try is refused before its password is
 * looked at, known address or not (RL-11).
 *
 * @param input.email in canonical form
 * @throws InvalidCredentialsError, RateLimitedError, ServerBusyError
 */
export async function login(
  deps: LoginDeps,
  input: Credentials,
  client: Client,
  signal: AbortSignal,
): Promise<Outcome> {
  const source = sourceOf(client);
  deps.hashQueue.requireRoom(source);
  const hashing: { signal: AbortSignal; reservation?: Reservation } = { signal };
  const device = readDeviceToken(deps, input.email, input.deviceToken);
  try {
    return await deps.rateLimiter.attempt<Outcome, Candidate>(
      signInLimits(deps.config, client, input.email, device),
      {
        client,
        signal,
        admit: async () => {
          hashing.reservation = await deps.hashQueue.reserve(source);
        },
        // A stranger can register this address with a password of their own: that one being right is
        // a guess at the owner's, and costs what a wrong one costs (PR-11).
        staysCounted: restsOnRegistration,
        alongside: (executor) => readCandidate(deps, executor, input),
      },
      (attempt) => {
        const isKnownDevice = device !== null;
        return checkPassword(deps, { ...input, ...attempt, isKnownDevice }, client, hashing);
      },
    );
  } finally {
    hashing.reservation?.release();
  }
}

type Outcome = SignedIn | MfaRequired | EmailVerificationRequired;

/** A try, and whether the device that makes it signed in to this account before. */
type Entry = Attempt<Candidate> & { readonly isKnownDevice: boolean };

async function checkPassword(
  deps: LoginDeps,
  input: Credentials & Entry,
  client: Client,
  waiting: HashOptions,
): Promise<Outcome> {
  const { user, registration } = input.read;
  // A disabled account has no password: its right one then costs what a wrong one costs (LG-2).
  const own = user?.disabledAt ? null : (user?.passwordHash ?? null);
  const isRight = await deps.hasher.verify(input.password, own, waiting);
  if (isRight && user) {
    await rehashIfOutdated(deps, user, input.password, client);
    const mustVerify = deps.config.emailVerification === 'required' && !user.emailVerifiedAt;
    return mustVerify
      ? await askForVerification(deps, user, client)
      : await enterAs(deps, user, input, client);
  }
  if (registration && isPasswordOf(deps, registration, input)) {
    return await remindOfVerification(deps, { input, registration, holder: user }, client);
  }
  const reason = user?.disabledAt ? 'disabled' : 'wrong-password';
  throw await refuse(deps, { email: input.email, user }, client, reason);
}

/**
 * The one answer of a registration, whatever became of its address: the mail says what there is to say
 * (LG-4).
 */
async function remindOfVerification(
  deps: LoginDeps,
  found: {
    readonly input: Credentials;
    readonly registration: Registration;
    readonly holder: User | null;
  },
  client: Client,
): Promise<EmailVerificationRequired> {
  const { email, registrationToken } = found.input;
  const to = addresseeOf(email, found.registration, found.holder);
  const mailed = await mailVerification(deps, to, client);
  const kind = 'EmailVerificationRequired';
  return { kind, email, registrationToken: registrationToken ?? '', ...mailed };
}

function isPasswordOf(
  deps: Pick<Deps, 'keyring'>,
  { loginTag }: Registration,
  { email, password, registrationToken }: Credentials,
): boolean {
  if (registrationToken === null) return false;
  return matchesLoginTag(deps, loginTag, { token: registrationToken, email, password });
}

/** An account whose address is not proven yet is answered with a token of another kind. */
function restsOnRegistration(result: Outcome): boolean {
  return (
    result.kind === 'EmailVerificationRequired' && isRegistrationToken(result.registrationToken)
  );
}

async function enterAs(
  deps: LoginDeps,
  user: User,
  { read, forgive, isKnownDevice }: Entry,
  client: Client,
): Promise<SignedIn | MfaRequired> {
  const record = await read.record;
  const counted = countInPipeline(
    deps,
    completedSignInLimits(deps.config, client, { userId: user.id, isKnownDevice }),
  );
  try {
    const [{ outcome, mailed }] = await transactionInOneTrip(deps.db, (tx) =>
      Promise.all([
        // The person's row first: the order in which every operation takes its locks.
        completeFirstFactorTogether(deps, tx, { user, firstFactor: 'pwd', client, record }),
        counted.count(tx),
        forgive(tx),
      ]),
    );
    await recordLimitsReached(deps, deps.db, counted.closed(), client);
    if (mailed) deps.outbox.wake();
    return finishSignIn(deps, outcome);
  } catch (error) {
    const refusal = isUnmet(error) ? counted.refusal() : null;
    if (refusal) throw refusal;
    // A reset or a change was faster: the password that was right a moment ago is not any more.
    if (isUnmet(error)) {
      throw await refuse(deps, { email: user.email, user }, client, 'credentials-changed');
    }
    throw error;
  }
}
