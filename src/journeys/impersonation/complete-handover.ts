import { personOf, requireAllOf, requirePermission } from '../../administrator/caller.ts';
import { recordAudit } from '../../audit/record.ts';
import { type Executor, run } from '../../db/executor.ts';
import { pipeline } from '../../db/pipeline.ts';
import type { Handover } from '../../db/tables/handover.ts';
import type { User } from '../../db/tables/user.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import { findHandover, spendHandover } from '../../impersonation/store.ts';
import { hashHandoverToken } from '../../impersonation/token.ts';
import type { Act } from '../../kernel/act.ts';
import {
  InvalidInputError,
  InvalidTokenError,
  MissingPermissionError,
  StepUpRequiredError,
} from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import { permissionsOf } from '../../role/permissions.ts';
import { lockRoles, rolesOfUser } from '../../role/store.ts';
import { createImpersonation, type SessionGrant } from '../../session/create.ts';
import { parseRefreshToken } from '../../session/refresh-token.ts';
import { findSession, lockLiveSessionForUpdate } from '../../session/store.ts';
import { issueTokens, type SignedIn } from '../../sign-in-gate/issue-tokens.ts';
import { lockUserForUpdate } from '../../user/store.ts';

type HandoverDeps = Pick<
  Deps,
  'db' | 'clock' | 'random' | 'keyring' | 'config' | 'accessTokenKeys'
>;

/**
 * Exchanges a handover token for a session in which an administrator acts as a person. Everything that `impersonateUser`
 * checked is checked again in the transaction that starts the session: up to a minute has passed, and whoever presents the
 * token may not be whom it was issued to (IM-4).
 *
 * The session is no sign-in of the person's. It counts toward none of their limits, ends none of their sessions, leaves no
 * known device, and is not mailed: the person sees it among their sessions and in their events.
 *
 * @throws InvalidTokenError; InvalidInputError in cookie mode if the browser is signed in: the session would take the place
 *   of the administrator's own, which shares the cookie, and nothing would say so
 */
export async function completeHandover(
  deps: HandoverDeps,
  input: {
    readonly handoverToken: string;
    /** The refresh token in the cookie of the browser; null without one. */
    readonly cookie: string | null;
    readonly client: Client;
  },
): Promise<SignedIn> {
  if (!deps.config.impersonation.enabled) throw new InvalidTokenError();
  if (input.cookie !== null) await requireFreeBrowser(deps, input.cookie);
  const tokenHash = hashHandoverToken(input.handoverToken);
  const found = await run(deps.db, findHandover({ tokenHash, now: deps.clock.now() }));
  if (!found) throw new InvalidTokenError();
  const grant = await transaction(deps.db, async (tx) => {
    const people = await lockPeople(deps, tx, found);
    const handover = await run(tx, spendHandover({ id: found.id, now: deps.clock.now() }));
    // Commits without a session: a token that was refused once is used up.
    if (!handover || !people || !(await mayActAs(deps, tx, people))) return null;
    return await startImpersonation(deps, tx, { ...people, handover, client: input.client });
  });
  if (!grant) throw new InvalidTokenError();
  return issueTokens(deps, grant);
}

async function requireFreeBrowser(
  { db, clock, keyring }: Pick<Deps, 'db' | 'clock' | 'keyring'>,
  cookie: string,
): Promise<void> {
  const token = parseRefreshToken(keyring, cookie);
  const session = token && (await run(db, findSession(token.sessionId)));
  if (!session || session.revokedAt || session.expiresAt <= clock.now()) return;
  throw new InvalidInputError([
    {
      path: ['input', 'handoverToken'],
      message: 'This browser is signed in. Open a private window, or sign out first.',
    },
  ]);
}

/** The two people of a handover, locked. */
type People = { readonly impersonator: Authentication; readonly subject: User };

/**
 * Locks what administrators' operations lock, in their order: the roles, then both people by their ids. The handover comes
 * after them, because deleting either person removes it.
 */
async function lockPeople(
  { clock }: Pick<Deps, 'clock'>,
  tx: Executor,
  { userId, impersonatorId, impersonatorSessionId }: Handover,
): Promise<People | null> {
  await run(tx, lockRoles({ heldBy: [impersonatorId], names: [], for: 'share' }));
  const lockSubject = () => run(tx, lockUserForUpdate(userId));
  const first = userId < impersonatorId ? await lockSubject() : null;
  const wanted = { sessionId: impersonatorSessionId, userId: impersonatorId, now: clock.now() };
  const impersonator = await run(tx, lockLiveSessionForUpdate(wanted));
  const subject = first ?? (await lockSubject());
  return impersonator && subject && { impersonator, subject };
}

/**
 * True if the administrator may act as the person now: what `impersonateUser` requires of its caller (IM-1, AD-3, AD-5), and
 * of the person.
 */
async function mayActAs(
  deps: Pick<Deps, 'clock' | 'config'>,
  tx: Executor,
  { impersonator, subject }: People,
): Promise<boolean> {
  if (subject.disabledAt) return false;
  const caller = await personOf(deps, tx, impersonator);
  const subjects = permissionsOf(await run(tx, rolesOfUser(subject.id)));
  try {
    requirePermission(deps, caller, 'USERS_IMPERSONATE', 'write');
    requireAllOf(caller, subjects);
    return true;
  } catch (error) {
    if (error instanceof MissingPermissionError || error instanceof StepUpRequiredError)
      return false;
    throw error;
  }
}

async function startImpersonation(
  deps: HandoverDeps,
  tx: Executor,
  { impersonator, subject, handover, client }: People & { handover: Handover; client: Client },
): Promise<SessionGrant> {
  const { grant, statements } = createImpersonation(deps, { user: subject, impersonator, client });
  const { id: sessionId, userId } = grant.session;
  const actor = { kind: 'administrator', id: impersonator.user.id } as const;
  const act: Act = { actor, client, reason: handover.reason };
  const event = { type: 'IMPERSONATION_STARTED', userId, sessionId, client } as const;
  await pipeline(tx, [...statements, recordAudit({ ...deps, act }, event)]);
  return grant;
}
