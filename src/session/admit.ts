import { type Use, useOf } from '../access-ledger/record.ts';
import { recordAudit } from '../audit/record.ts';
import type { Executor } from '../db/driver/client.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import type { Client } from '../kernel/ports.ts';
import type { MfaRequired } from '../proofs/second-factor/challenge.ts';
import { owesSecondFactor } from '../proofs/second-factor/enrolled.ts';
import { amrWith, type SecondFactorMethod } from '../proofs/second-factor/method.ts';
import { signInsCharges } from '../rate-limit/charges.ts';
import { countIn } from '../rate-limit/count-in.ts';
import { readHistory, type SignInHistory } from './history.ts';
import { type PersonRecord, readRecord } from './person-record.ts';
import { type SessionGrant, type SignedIn, signedIn } from './signed-in.ts';
import { newGrant, startSession, startSessionTogether } from './start.ts';
import { challenge, welcome } from './welcome.ts';

/**
 * How a first factor was proven, as the `amr` value it leaves (RFC 8176 where it has one). `oauth`,
 * by a provider, is not registered there: what the provider itself asked for is not known here.
 */
type FirstFactor = 'pwd' | 'email' | 'oauth';

/** What a proven first factor came to: a session, or a challenge for the second factor. */
export type Admission = SessionGrant | MfaRequired;

type AdmitDeps = Pick<Deps, 'clock' | 'random' | 'keyring' | 'meter' | 'config'>;

/** Who comes, and how. */
type Comer = { readonly user: User; readonly firstFactor: FirstFactor; readonly client: Client } & {
  /** Which linked account, where `firstFactor` is a provider's. */
  readonly identityId?: string | null;
  /** When it was proven, where somebody else judged it before; now when left out. */
  readonly authenticatedAt?: Date | null;
};

/**
 * The one gate between a proven first factor and a session: every way in ends here, so that none
 * can skip the second factor (MF-5). Runs in the caller's transaction; hand what it returns to
 * {@link enter} after the commit, and wake the outbox.
 *
 * A factor that is enabled at the same moment changes the credential version, and the session's
 * insert then misses: there is no gap between the look and the leap.
 *
 * @returns null when the account changed since the factor was proven
 * @throws RateLimitedError when the account or its source signed in too often (RL-14)
 */
export async function admit(
  deps: AdmitDeps,
  executor: Executor,
  comer: Comer,
): Promise<Admission | null> {
  const { factors, history } = await readRecord(deps, executor, comer.user);
  const admission = owesSecondFactor(factors)
    ? await challenge(deps, executor, { ...comer, factors })
    : await open(deps, executor, {
        ...comer,
        identityId: comer.identityId ?? null,
        methods: [comer.firstFactor],
        secondFactor: null,
        history,
      });
  // Last, because everybody who signs in from there waits for the source's counter until the commit.
  await countSignIn(deps, executor, comer);
  return admission;
}

/**
 * The same gate in a transaction of one round trip, for whom the record was read before: together
 * with the person or after them, never before them, or the factor of that moment could be missed.
 * Where {@link admit} returns null, this one fails the transaction with an unmet demand. It counts
 * nothing: the caller knows the device, and counts beside it.
 */
export async function admitTogether(
  deps: AdmitDeps,
  tx: Executor,
  input: Comer & { readonly record: PersonRecord },
): Promise<{ readonly admission: Admission; readonly mailed: boolean }> {
  const { firstFactor, client, record } = input;
  const { factors, history } = record;
  if (owesSecondFactor(factors)) {
    return { admission: await challenge(deps, tx, { ...input, factors }), mailed: false };
  }
  const identityId = input.identityId ?? null;
  const uses = usesOf(firstFactor, identityId, null);
  const start = { ...input, identityId, uses, methods: [firstFactor], secondFactor: false };
  const grant = newGrant(deps, start);
  const [, mailed] = await Promise.all([
    startSessionTogether(deps, tx, grant, uses),
    welcome(deps, tx, grant, { client, history }),
  ]);
  return { admission: grant, mailed };
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
    readonly identityId: string | null;
    readonly secondFactor: SecondFactorMethod;
    readonly client: Client;
  },
): Promise<SessionGrant | null> {
  const methods = amrWith([input.firstFactor], input.secondFactor);
  const history = await readHistory(deps, executor, input.user);
  return await open(deps, executor, { ...input, methods, history });
}

/** The last step of every way in, after the commit: it signs, so it holds no connection. */
export function enter(
  deps: Pick<Deps, 'clock' | 'random' | 'config' | 'accessTokenKeys'>,
  admission: Admission,
): SignedIn | MfaRequired {
  return 'kind' in admission ? admission : signedIn(deps, admission);
}

async function countSignIn(
  deps: AdmitDeps,
  executor: Executor,
  { user, client }: Pick<Comer, 'user' | 'client'>,
): Promise<void> {
  const charges = signInsCharges(deps.config, client, { userId: user.id, isKnownDevice: false });
  await recordUsedUp(deps, executor, await countIn(deps, executor, charges), client);
}

/** Writes down which budgets a sign-in used up (LO-1). */
export async function recordUsedUp(
  deps: Pick<Deps, 'clock' | 'random'>,
  executor: Executor,
  budgets: readonly string[],
  client: Client,
): Promise<void> {
  for (const budget of budgets)
    await recordAudit(deps, executor, {
      type: 'RATE_LIMITED',
      userId: null,
      client,
      detail: { budget },
    });
}

async function open(
  deps: AdmitDeps,
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
  const grant = await startSession(deps, executor, start);
  if (grant) await welcome(deps, executor, grant, input);
  return grant;
}

/** What a session began with, for the ledger. A mailbox is no thing that could be taken away. */
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
