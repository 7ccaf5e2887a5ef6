import { recordAudit } from '../audit/record.ts';
import type { Executor } from '../db/client.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import type { Client } from '../kernel/ports.ts';
import { issueChallenge, type MfaRequired } from '../proofs/second-factor/challenge.ts';
import { enrolledSecondFactors, owesSecondFactor } from '../proofs/second-factor/enrolled.ts';
import { amrWith, type SecondFactorMethod } from '../proofs/second-factor/method.ts';
import { noticeFailures } from './notice-failures.ts';
import { noticeNewDevice } from './notice-new-device.ts';
import { type SessionGrant, type SignedIn, signedIn } from './signed-in.ts';
import { startSession } from './start.ts';

/**
 * How a first factor was proven, as the `amr` value it leaves (RFC 8176 where it has one). `oauth`,
 * by a provider, is not registered there: what the provider itself asked for is not known here.
 */
export type FirstFactor = 'pwd' | 'email' | 'oauth';

/** What a proven first factor came to: a session, or a challenge for the second factor. */
export type Admission = SessionGrant | MfaRequired;

type AdmitDeps = Pick<Deps, 'clock' | 'random' | 'keyring' | 'config'>;

/**
 * The one gate between a proven first factor and a session: every way in ends here, so that none
 * can skip the second factor (MF-5). Runs in the caller's transaction; hand what it returns to
 * {@link enter} after the commit, and wake the outbox.
 *
 * A factor that is enabled at the same moment changes the credential version, and the session's
 * insert then misses: there is no gap between the look and the leap.
 *
 * @returns null when the account changed since the factor was proven
 */
export async function admit(
  deps: AdmitDeps,
  executor: Executor,
  input: { readonly user: User; readonly firstFactor: FirstFactor; readonly client: Client },
): Promise<Admission | null> {
  const { user, firstFactor, client } = input;
  const factors = await enrolledSecondFactors(executor, user.id);
  if (!owesSecondFactor(factors)) {
    return await open(deps, executor, { user, methods: [firstFactor], secondFactor: null, client });
  }
  await recordAudit(deps, executor, {
    type: 'SECOND_FACTOR_REQUIRED',
    userId: user.id,
    client,
    detail: { method: firstFactor },
  });
  return await issueChallenge(deps, executor, { user, firstFactor, factors });
}

/**
 * The other side of the gate: both factors are proven and spent, in the caller's transaction.
 *
 * @param input.firstFactor as the challenge remembers it
 * @returns null when the account changed since the first factor was proven
 */
export async function admitWithSecondFactor(
  deps: AdmitDeps,
  executor: Executor,
  input: {
    readonly user: User;
    readonly firstFactor: string;
    readonly secondFactor: SecondFactorMethod;
    readonly client: Client;
  },
): Promise<SessionGrant | null> {
  const methods = amrWith([input.firstFactor], input.secondFactor);
  return await open(deps, executor, { ...input, methods });
}

/** The last step of every way in, after the commit: it signs, so it holds no connection. */
export function enter(
  deps: Pick<Deps, 'clock' | 'random' | 'config' | 'accessTokenKeys'>,
  admission: Admission,
): SignedIn | MfaRequired {
  return 'kind' in admission ? admission : signedIn(deps, admission);
}

async function open(
  deps: AdmitDeps,
  executor: Executor,
  input: {
    readonly user: User;
    readonly methods: readonly string[];
    readonly secondFactor: SecondFactorMethod | null;
    readonly client: Client;
  },
): Promise<SessionGrant | null> {
  const { user, methods, secondFactor, client } = input;
  const grant = await startSession(deps, executor, {
    user,
    methods,
    secondFactor: secondFactor !== null,
    client,
  });
  if (!grant) return null;
  await noticeNewDevice(deps, executor, { user, client });
  await noticeFailures(deps, executor, { user, client });
  await recordAudit(deps, executor, {
    type: 'SIGNED_IN',
    userId: user.id,
    sessionId: grant.session.id,
    client,
    detail: { method: methods.join(' ') },
  });
  return grant;
}
