import { type Use, useOf } from '../access-ledger/record.ts';
import { recordAudit } from '../audit/record.ts';
import type { Executor } from '../db/executor.ts';
import { pipeline } from '../db/pipeline.ts';
import type { Statement } from '../db/statement.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import type { Client } from '../kernel/ports.ts';
import { issueChallenge, type MfaRequired } from '../proofs/second-factor/challenge.ts';
import { requiresSecondFactor } from '../proofs/second-factor/enrolled.ts';
import { amrWith, type ProvenSecondFactor } from '../proofs/second-factor/method.ts';
import { createSession, type SessionGrant } from '../session/create.ts';
import { countSignIn } from './count-sign-in.ts';
import { type PersonRecord, readPersonRecord, type SignInHistory } from './history.ts';
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

/** A proven first factor: the person, the kind of factor, and the client. */
type ProvenFirstFactor = {
  readonly user: User;
  readonly firstFactor: FirstFactor;
  readonly client: Client;
  /** The linked account, if a provider proved the factor. */
  readonly identityId?: string | null;
  /** When a provider proved the factor earlier than now. */
  readonly authenticatedAt?: Date | null;
};

/** The result of a completed factor: the outcome, and the statements that the caller must commit. */
type Completed<Outcome> = {
  readonly outcome: Outcome;
  /** True if the statements enqueue a mail. The caller must then wake the outbox after the commit. */
  readonly mailed: boolean;
  /**
   * The caller runs these in one transaction and in this order: with `pipeline` in an open transaction, or
   * with `pipelineTransaction`.
   */
  readonly statements: readonly Statement<unknown>[];
};

/**
 * The one gate between a proven first factor and a session. Every way to sign in ends here, so that none
 * can skip the second factor (MF-5). The gate writes nothing itself: the caller commits its statements and
 * then passes the outcome to `finishSignIn`. It does not count the sign-in either (RL-14), because only
 * some callers know the device: see count-sign-in.ts.
 *
 * If the account changed since the factor was proven, the statements fail their transaction, and
 * `isAccountChanged` says so. Enrolling a factor changes the account as well. The record must therefore be
 * read together with the person or later: an older record could miss a factor that was just enrolled.
 */
export function completeFirstFactor(
  deps: GateDeps,
  proven: ProvenFirstFactor,
  record: PersonRecord,
): Completed<FirstFactorOutcome> {
  const { user, firstFactor, client, identityId = null } = proven;
  if (!requiresSecondFactor(record.factors)) {
    const methods = [firstFactor];
    const uses = usesOf(firstFactor, identityId, null);
    const started = { ...proven, identityId, methods, uses, hasSecondFactor: false };
    return startSession(deps, started, record);
  }
  const { factors } = record;
  const { mfaRequired, statement } = issueChallenge(deps, {
    user,
    firstFactor,
    identityId,
    factors,
  });
  const recorded = recordAudit(deps, {
    type: 'SECOND_FACTOR_REQUIRED',
    userId: user.id,
    client,
    detail: { method: firstFactor },
  });
  return { outcome: mfaRequired, mailed: false, statements: [recorded, statement] };
}

/**
 * {@link completeFirstFactor} for a way to sign in that decides step by step in an open transaction: reads
 * the record, writes, and counts the sign-in.
 *
 * @throws RateLimitedError if the account or its source signed in too often (RL-14)
 */
export async function completeFirstFactorIn(
  deps: GateDeps,
  tx: Executor,
  proven: ProvenFirstFactor & { readonly firstFactor: Exclude<FirstFactor, 'pwd'> },
): Promise<FirstFactorOutcome> {
  const record = await readPersonRecord(deps, tx, proven.user);
  const { outcome, statements } = completeFirstFactor(deps, proven, record);
  await pipeline(tx, statements);
  // Last, because every sign-in from the same source waits for the source's counter until the commit.
  await countSignIn(deps, tx, { ...proven, way: proven.firstFactor });
  return outcome;
}

/**
 * Starts the session of a person who has proven both factors. The caller has spent both in the same
 * transaction. If the account changed since the first factor was proven, the statements fail their
 * transaction, as those of {@link completeFirstFactor} do.
 *
 * @param proven.firstFactor as the challenge stores it
 */
export function completeSecondFactor(
  deps: GateDeps,
  proven: {
    readonly user: User;
    readonly firstFactor: string;
    readonly identityId: string | null;
    readonly secondFactor: ProvenSecondFactor;
    readonly client: Client;
  },
  history: SignInHistory,
): Completed<SessionGrant> {
  const { firstFactor, identityId, secondFactor } = proven;
  const methods = amrWith([firstFactor], secondFactor.method);
  const uses = usesOf(firstFactor, identityId, secondFactor);
  return startSession(deps, { ...proven, methods, uses, hasSecondFactor: true }, history);
}

/**
 * Starts the session of a person whose passkey was proven with user verification. That is two factors at once
 * (PK-2d): the key, and the fingerprint, face or PIN that unlocked it. No other factor is asked for, whichever
 * the person has enrolled. The caller has spent the ceremony and recorded the use of the passkey.
 *
 * @throws RateLimitedError if the account or its source signed in too often (RL-14)
 */
export async function completePasskeyIn(
  deps: GateDeps,
  tx: Executor,
  proven: { readonly user: User; readonly passkeyId: string; readonly client: Client },
): Promise<SessionGrant> {
  const { user, passkeyId, client } = proven;
  const history = await readPersonRecord(deps, tx, user);
  const methods = amrWith([], 'PASSKEY');
  const uses = [useOf({ method: 'PASSKEY', passkeyId })];
  const started = { user, client, identityId: null, methods, uses, hasSecondFactor: true };
  const { outcome, statements } = startSession(deps, started, history);
  await pipeline(tx, statements);
  // Last, because every sign-in from the same source waits for the source's counter until the commit.
  await countSignIn(deps, tx, { user, way: 'passkey', client });
  return outcome;
}

function startSession(
  deps: GateDeps,
  input: {
    readonly user: User;
    readonly identityId: string | null;
    readonly methods: readonly string[];
    readonly uses: readonly Use[];
    readonly hasSecondFactor: boolean;
    readonly authenticatedAt?: Date | null | undefined;
    readonly client: Client;
  },
  history: SignInHistory,
): Completed<SessionGrant> {
  const { client, hasSecondFactor: secondFactor } = input;
  const created = createSession(deps, { ...input, secondFactor });
  const recorded = recordSignIn(deps, created.grant, { client, history });
  return {
    outcome: created.grant,
    mailed: recorded.mailed,
    statements: [...created.statements, ...recorded.statements],
  };
}

/**
 * The credentials that a session began with, for the access ledger. A mailbox is not among them: nothing
 * of the account could be taken away.
 */
function usesOf(
  firstFactor: string,
  identityId: string | null,
  secondFactor: ProvenSecondFactor | null,
): Use[] {
  return [
    ...(firstFactor === 'pwd' ? [{ kind: 'password' } as const] : []),
    ...(identityId === null ? [] : [{ kind: 'identity', thing: identityId } as const]),
    ...(secondFactor === null ? [] : [useOf(secondFactor)]),
  ];
}
