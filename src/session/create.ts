import { recordUses, type Use } from '../access-ledger/record.ts';
import { isAssertionFailure } from '../db/pipeline.ts';
import { map, type Statement } from '../db/statement.ts';
import type { Session } from '../db/tables/session.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import type { Authentication } from '../graphql/context.ts';
import { after } from '../kernel/duration.ts';
import { newId } from '../kernel/id.ts';
import type { Client } from '../kernel/ports.ts';
import { type HeldRoles, readHeldRoles } from '../role/held.ts';
import {
  assertSessionCreated,
  evictSessions,
  insertSession,
  SESSION_CREATED,
} from './create-store.ts';
import { mintRefreshToken, newRefreshSalt, type RefreshToken } from './refresh-token.ts';

/** How many live sessions a person may have. One more ends the oldest (SE-5). */
const MAX_SESSIONS = 50;

type CreateDeps = Pick<Deps, 'clock' | 'random' | 'keyring' | 'config'>;

/** A committed session with the refresh token that now belongs to it. */
export type SessionGrant = {
  readonly session: Session;
  readonly user: User;
  readonly refreshToken: RefreshToken;
  /**
   * The person's roles, as the statement that wrote the session read them.
   *
   * @throws TypeError before that statement was answered
   */
  readonly roles: () => HeldRoles;
};

type NewSession = {
  readonly user: User;
  /** The proven factors, as `amr` values. */
  readonly methods: readonly string[];
  /** True if a second factor is among them. */
  readonly secondFactor: boolean;
  /** When the factors were proven, if that was earlier than now (docs/providers.md, "Fresh sign-ins"). */
  readonly authenticatedAt?: Date | null | undefined;
  readonly client: Client;
  /** The linked account that the session begins with. */
  readonly identityId: string | null;
  /** Every credential that the session begins with, for the access ledger (PR-12). */
  readonly uses: readonly Use[];
};

/** An administrator's session in which they act as a person (IM-1). */
type NewImpersonation = {
  /** The person. */
  readonly user: User;
  readonly impersonator: Authentication;
  readonly client: Client;
};

/** A session that exists once its statements are committed. */
type CreatedSession = {
  readonly grant: SessionGrant;
  /** For one transaction, in this order. */
  readonly statements: readonly Statement<unknown>[];
};

/**
 * Creates a session with an id and a refresh token of its own (SE-1). If the person's credentials changed
 * since they were verified, or if the account is disabled, the proof is worthless: the statements then fail
 * their transaction, see {@link isAccountChanged}.
 */
export function createSession(deps: CreateDeps, input: NewSession): CreatedSession {
  const now = deps.clock.now();
  const { refreshLifetime, maxAge } = deps.config.session;
  const provenAt = input.authenticatedAt ?? now;
  const started = startSession(deps, input, {
    expiresAt: after(now, Math.min(refreshLifetime, maxAge)),
    absoluteExpiresAt: after(now, maxAge),
    // A time in the future would make the proof last longer.
    authenticatedAt: provenAt < now ? provenAt : now,
    secondFactorAt: input.secondFactor ? now : null,
    methods: [...input.methods],
    identityId: input.identityId,
    impersonatorId: null,
    impersonatorSessionId: null,
  });
  const { id, userId } = started.grant.session;
  const statements = [
    ...started.statements,
    recordUses(deps, { sessionId: id, uses: input.uses }),
    evictSessions({ userId, created: id, keep: MAX_SESSIONS, now }),
  ];
  return { grant: started.grant, statements };
}

/**
 * Creates a session in which an administrator acts as a person. It uses none of the person's credentials, and says so:
 * it has no second factor and a method of its own. It ends after IMPERSONATION_MAX_AGE, whatever its use, and not later
 * than the administrator's session. It takes the place of no session of the person's.
 */
export function createImpersonation(deps: CreateDeps, input: NewImpersonation): CreatedSession {
  const now = deps.clock.now();
  const { session } = input.impersonator;
  const latest = after(now, deps.config.impersonation.maxAge);
  const end = session.absoluteExpiresAt < latest ? session.absoluteExpiresAt : latest;
  return startSession(deps, input, {
    expiresAt: end,
    absoluteExpiresAt: end,
    authenticatedAt: now,
    secondFactorAt: null,
    methods: [IMPERSONATION],
    identityId: null,
    impersonatorId: session.userId,
    impersonatorSessionId: session.id,
  });
}

/** The `amr` value of an administrator who acts as a person. RFC 8176 registers none for it. */
const IMPERSONATION = 'impersonation';

/** What tells kinds of sessions apart. */
type Kind = Pick<
  Session,
  | 'expiresAt'
  | 'absoluteExpiresAt'
  | 'authenticatedAt'
  | 'secondFactorAt'
  | 'methods'
  | 'identityId'
  | 'impersonatorId'
  | 'impersonatorSessionId'
>;

function startSession(
  deps: CreateDeps,
  input: { readonly user: User; readonly client: Client },
  kind: Kind,
): CreatedSession {
  const now = deps.clock.now();
  const id = newId(deps);
  const refreshToken = mintRefreshToken(deps, id);
  const session: Session = {
    ...kind,
    id,
    userId: input.user.id,
    refreshHash: refreshToken.hash,
    previousRefreshHash: null,
    refreshSalt: newRefreshSalt(deps),
    rotatedAt: now,
    createdAt: now,
    lastUsedAt: now,
    credentialVersion: input.user.credentialVersion,
    refreshes: 0,
    refreshesResetAt: null,
    revokedAt: null,
    revokedBecause: null,
    ipAddress: input.client.ipAddress,
    userAgent: input.client.userAgent,
  };
  let roles: HeldRoles | null = null;
  const inserted = map(insertSession(session), (row) => {
    roles = row && readHeldRoles(row.held);
  });
  const grant: SessionGrant = {
    session,
    user: input.user,
    refreshToken,
    roles: () => {
      if (!roles) throw new TypeError('The session is not written yet.');
      return roles;
    },
  };
  return { grant, statements: [inserted, assertSessionCreated(id)] };
}

/** True if a transaction failed because the account changed since its factor was proven. */
export function isAccountChanged(error: unknown): boolean {
  return isAssertionFailure(error, SESSION_CREATED);
}
