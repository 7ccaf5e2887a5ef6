import { recordUses, type Use } from '../access-ledger/record.ts';
import type { Executor } from '../db/driver/client.ts';
import type { Session } from '../db/tables/session.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import { after } from '../kernel/duration.ts';
import { newId } from '../kernel/id.ts';
import type { Client } from '../kernel/ports.ts';
import { mintRefreshToken, newRefreshSalt } from './refresh-token.ts';
import type { SessionGrant } from './signed-in.ts';
import { demandSession, evictSessions, insertSession } from './store.ts';

/** Live sessions a person may have at once; one more ends the oldest (SE-5). */
const MAX_SESSIONS = 50;

type StartDeps = Pick<Deps, 'clock' | 'random' | 'keyring' | 'config'>;

/**
 * `methods`: what was proven, as `amr` values; `secondFactor`: one was among them; `authenticatedAt`:
 * when, where that is not now (0066).
 */
type Start = {
  readonly user: User;
  readonly methods: readonly string[];
  readonly secondFactor: boolean;
  readonly authenticatedAt?: Date | null | undefined;
  readonly client: Client;
  /** The linked account it begins with. */
  readonly identityId: string | null;
  /** Everything it begins with, for the ledger (PR-12). */
  readonly uses: readonly Use[];
};

/**
 * Starts a session in the caller's transaction, with an id and a refresh token of its own (SE-1).
 *
 * @returns null when the person's credentials changed since they were checked, or the account is
 *   disabled: the proof is then worthless
 */
export async function startSession(
  deps: StartDeps,
  executor: Executor,
  input: Start,
): Promise<SessionGrant | null> {
  const grant = newGrant(deps, input);
  // One after the other on the connection, but sent together: the second sees what the first did.
  const [inserted] = await Promise.all([
    insertSession(executor, grant.session),
    recordUses(deps, executor, { sessionId: grant.session.id, uses: input.uses }),
    evict(deps, executor, grant),
  ]);
  return inserted ? grant : null;
}

/**
 * Writes a new session in a transaction of one round trip: where {@link startSession} returns null,
 * this one fails the transaction with an unmet demand.
 */
export async function startSessionTogether(
  deps: Pick<Deps, 'clock' | 'random'>,
  tx: Executor,
  grant: SessionGrant,
  uses: readonly Use[],
): Promise<void> {
  await Promise.all([
    insertSession(tx, grant.session),
    demandSession(tx, grant.session.id),
    recordUses(deps, tx, { sessionId: grant.session.id, uses }),
    evict(deps, tx, grant),
  ]);
}

function evict({ clock }: Pick<Deps, 'clock'>, executor: Executor, { session }: SessionGrant) {
  const { id: started, userId } = session;
  return evictSessions(executor, { userId, started, keep: MAX_SESSIONS, now: clock.now() });
}

/** A session that is not written yet. */
export function newGrant(deps: StartDeps, input: Start): SessionGrant {
  const now = deps.clock.now();
  const { refreshLifetime, maxAge } = deps.config.session;
  const provenAt = input.authenticatedAt ?? now;
  const id = newId(deps);
  const refreshToken = mintRefreshToken(deps, id);
  const absoluteExpiresAt = after(now, maxAge);
  const session: Session = {
    id,
    userId: input.user.id,
    refreshHash: refreshToken.hash,
    previousRefreshHash: null,
    refreshSalt: newRefreshSalt(deps),
    rotatedAt: now,
    createdAt: now,
    lastUsedAt: now,
    expiresAt: after(now, Math.min(refreshLifetime, maxAge)),
    absoluteExpiresAt,
    // A moment that is still to come would be a proof that lasts longer.
    authenticatedAt: provenAt < now ? provenAt : now,
    secondFactorAt: input.secondFactor ? now : null,
    methods: [...input.methods],
    credentialVersion: input.user.credentialVersion,
    identityId: input.identityId,
    refreshes: 0,
    refreshesResetAt: null,
    revokedAt: null,
    revokedBecause: null,
    ipAddress: input.client.ipAddress,
    userAgent: input.client.userAgent,
  };
  return { session, user: input.user, refreshToken };
}
