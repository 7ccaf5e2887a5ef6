import { type Use, useOf } from '../access-ledger/record.ts';
import { recordAudit } from '../audit/record.ts';
import type { Executor } from '../db/driver/client.ts';
import { run } from '../db/executor.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import type { Client } from '../kernel/ports.ts';
import { issueChallenge, type MfaRequired } from '../proofs/second-factor/challenge.ts';
import { type EnrolledFactors, requiresSecondFactor } from '../proofs/second-factor/enrolled.ts';
import { amrWith, type SecondFactorMethod } from '../proofs/second-factor/method.ts';
import {
  createSession,
  createSessionTogether,
  newSession,
  type SessionGrant,
} from '../session/create.ts';
import { countSignIn } from './count-sign-in.ts';
import { type PersonRecord, readHistory, readPersonRecord, type SignInHistory } from './history.ts';
import { recordSignIn } from './record-sign-in.ts';

/**
 * How a first factor was proven, as the `amr` value it leaves (RFC 8176 where it has one). `oauth`,
 * a sign-in by a provider, is not registered there: the server does not know what the provider itself
 * asked for.
 */
type FirstFactor = 'pwd' | 'email' | 'oauth';

/** The possible outcomes of a proven first factor: a session, or a challenge for the second factor. */
export type FirstFactorOutcome = SessionGrant | MfaRequired;

type GateDeps = Pick<Deps, 'clock' | 'random' | 'keyring' | 'meter' | 'config'>;

/** A proven first factor: whose, of which kind, and from which client. */
type ProvenFirstFactor = {
  readonly user: User;
  readonly firstFactor: FirstFactor;
  readonly client: Client;
  /** The linked account, if a provider proved the factor. */
  readonly identityId?: string | null;
  /** When a provider proved the factor earlier than now. */
  readonly authenticatedAt?: Date | null;
};

/**
 * The one gate between a proven first factor and a session. Every way to sign in ends here, so that
 * none can skip the second factor (MF-5). It runs in the caller's transaction. After the commit the
 * caller passes the outcome to `finishSignIn` and wakes the outbox.
 *
 * Enrolling a factor changes the credential version. If a factor is enrolled after this function has
 * read the factors, the session's insert therefore misses.
 *
 * @returns null if the account changed since the factor was proven
 * @throws RateLimitedError if the account or its source signed in too often (RL-14)
 */
export async function completeFirstFactor(
  deps: GateDeps,
  executor: Executor,
  proven: ProvenFirstFactor,
): Promise<FirstFactorOutcome | null> {
  const { factors, history } = await readPersonRecord(deps, executor, proven.user);
  const outcome = requiresSecondFactor(factors)
    ? await challenge(deps, executor, { ...proven, factors })
    : await startSession(deps, executor, {
        ...proven,
        identityId: proven.identityId ?? null,
        methods: [proven.firstFactor],
        secondFactor: null,
        history,
      });
  // Last, because every sign-in from the same source waits for the source's counter until the commit.
  await countSignIn(deps, executor, proven);
  return outcome;
}

/**
 * The same gate in a transaction of one round trip, for a person whose record was read before. The
 * record must be read together with the person or later: a record that is older than the person could
 * miss a factor that was just enrolled. Where {@link completeFirstFactor} returns null, this function
 * fails the transaction with an unmet demand. It does not count the sign-in; the caller knows the
 * device and counts beside it.
 */
export async function completeFirstFactorTogether(
  deps: GateDeps,
  tx: Executor,
  input: ProvenFirstFactor & { readonly record: PersonRecord },
): Promise<{ readonly outcome: FirstFactorOutcome; readonly mailed: boolean }> {
  const { firstFactor, client, record } = input;
  const { factors, history } = record;
  if (requiresSecondFactor(factors)) {
    return { outcome: await challenge(deps, tx, { ...input, factors }), mailed: false };
  }
  const identityId = input.identityId ?? null;
  const uses = usesOf(firstFactor, identityId, null);
  const start = { ...input, identityId, uses, methods: [firstFactor], secondFactor: false };
  const grant = newSession(deps, start);
  const [, mailed] = await Promise.all([
    createSessionTogether(deps, tx, grant, uses),
    recordSignIn(deps, tx, grant, { client, history }),
  ]);
  return { outcome: grant, mailed };
}

/**
 * Starts the session of a person who has proven both factors. The caller has spent both in the same
 * transaction.
 *
 * @param input.firstFactor as the challenge stores it
 * @returns null if the account changed since the first factor was proven
 */
export async function completeSecondFactor(
  deps: GateDeps,
  executor: Executor,
  input: {
    readonly user: User;
    readonly firstFactor: string;
    readonly identityId: string | null;
    readonly secondFactor: SecondFactorMethod;
    readonly client: Client;
  },
): Promise<SessionGrant | null> {
  const methods = amrWith([input.firstFactor], input.secondFactor);
  const history = await readHistory(deps, executor, input.user);
  return await startSession(deps, executor, { ...input, methods, history });
}

async function startSession(
  deps: GateDeps,
  executor: Executor,
  input: {
    readonly user: User;
    readonly firstFactor: string;
    readonly identityId: string | null;
    readonly methods: readonly string[];
    readonly secondFactor: SecondFactorMethod | null;
    readonly authenticatedAt?: Date | null | undefined;
    readonly client: Client;
    readonly history: SignInHistory;
  },
): Promise<SessionGrant | null> {
  const { firstFactor, identityId, secondFactor } = input;
  const uses = usesOf(firstFactor, identityId, secondFactor);
  const start = { ...input, uses, secondFactor: secondFactor !== null };
  const grant = await createSession(deps, executor, start);
  if (grant) await recordSignIn(deps, executor, grant, input);
  return grant;
}

/** Issues a challenge for the second factor. */
async function challenge(
  deps: Pick<Deps, 'clock' | 'random'>,
  executor: Executor,
  input: ProvenFirstFactor & { readonly factors: EnrolledFactors },
): Promise<MfaRequired> {
  const { user, firstFactor, client } = input;
  const { mfaRequired, statement } = issueChallenge(deps, input);
  const recorded = recordAudit(deps, {
    type: 'SECOND_FACTOR_REQUIRED',
    userId: user.id,
    client,
    detail: { method: firstFactor },
  });
  await Promise.all([run(executor, recorded), run(executor, statement)]);
  return mfaRequired;
}

/**
 * The credentials that a session began with, for the access ledger. A mailbox is not among them: nothing
 * of the account could be taken away.
 */
function usesOf(
  firstFactor: string,
  identityId: string | null,
  secondFactor: SecondFactorMethod | null,
): Use[] {
  return [
    ...(firstFactor === 'pwd' ? [{ kind: 'password' } as const] : []),
    ...(identityId === null ? [] : [{ kind: 'identity', thing: identityId } as const]),
    ...(secondFactor === null ? [] : [useOf(secondFactor)]),
  ];
}
