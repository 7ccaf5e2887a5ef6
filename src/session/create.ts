import { recordUses, type Use } from '../access-ledger/record.ts';
import type { Executor } from '../db/driver/client.ts';
import { run } from '../db/executor.ts';
import type { Session } from '../db/tables/session.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import { after } from '../kernel/duration.ts';
import { newId } from '../kernel/id.ts';
import type { Client } from '../kernel/ports.ts';
import { assertSessionCreated, evictSessions, insertSession } from './create-store.ts';
import { mintRefreshToken, newRefreshSalt, type RefreshToken } from './refresh-token.ts';

/** How many live sessions a person may have. One more ends the oldest (SE-5). */
const MAX_SESSIONS = 50;

type CreateDeps = Pick<Deps, 'clock' | 'random' | 'keyring' | 'config'>;

/** A committed session with the refresh token that now belongs to it. */
export type SessionGrant = {
  readonly session: Session;
  readonly user: User;
  readonly refreshToken: RefreshToken;
};

type NewSession = {
  readonly user: User;
  /** The proven factors, as `amr` values. */
  readonly methods: readonly string[];
  /** True if a second factor is among them. */
  readonly secondFactor: boolean;
  /** When the factors were proven, if that was earlier than now (docs/google.md, "Fresh sign-ins"). */
  readonly authenticatedAt?: Date | null | undefined;
  readonly client: Client;
  /** The linked account that the session begins with. */
  readonly identityId: string | null;
  /** Every credential that the session begins with, for the access ledger (PR-12). */
  readonly uses: readonly Use[];
};

/**
 * Creates a session in the caller's transaction, with an id and a refresh token of its own (SE-1).
 *
 * @returns null if the person's credentials changed since they were verified, or if the account is
 *   disabled: the proof is then worthless
 */
export async function createSession(
  deps: CreateDeps,
  executor: Executor,
  input: NewSession,
): Promise<SessionGrant | null> {
  const grant = newSession(deps, input);
  // Sent together; the connection runs them in this order, so each sees the effects of the one before.
  const [inserted] = await Promise.all([
    run(executor, insertSession(grant.session)),
    run(executor, recordUses(deps, { sessionId: grant.session.id, uses: input.uses })),
    evict(deps, executor, grant),
  ]);
  return inserted ? grant : null;
}

/**
 * Writes a new session in a transaction of one round trip: where {@link createSession} returns null,
 * this one fails the transaction with an unmet demand.
 */
export async function createSessionTogether(
  deps: Pick<Deps, 'clock' | 'random'>,
  tx: Executor,
  grant: SessionGrant,
  uses: readonly Use[],
): Promise<void> {
  await Promise.all([
    run(tx, insertSession(grant.session)),
    run(tx, assertSessionCreated(grant.session.id)),
    run(tx, recordUses(deps, { sessionId: grant.session.id, uses })),
    evict(deps, tx, grant),
  ]);
}

function evict({ clock }: Pick<Deps, 'clock'>, executor: Executor, { session }: SessionGrant) {
  const { id: created, userId } = session;
  return run(executor, evictSessions({ userId, created, keep: MAX_SESSIONS, now: clock.now() }));
}

/** Makes a session without writing it. */
export function newSession(deps: CreateDeps, input: NewSession): SessionGrant {
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
    // A time in the future would make the proof last longer.
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
