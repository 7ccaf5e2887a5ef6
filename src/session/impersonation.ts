import { permissionsOfPerson } from '../administrator/person.ts';
import { recordAudit } from '../audit/record.ts';
import { run } from '../db/executor.ts';
import type { Session } from '../db/tables/session.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import type { Authentication } from '../graphql/context.ts';
import type { Act } from '../kernel/act.ts';
import { ImpersonatedSessionError } from '../kernel/errors.ts';
import { permissionsOf } from '../role/permissions.ts';
import { rolesOfUser } from '../role/store.ts';
import { findUserById } from '../user/store.ts';
import { hasLiveImpersonator, revokeSession } from './store.ts';

/** @throws ImpersonatedSessionError if an administrator acts as the person in this session (IM-2) */
export function requireOwnSession({ impersonatorId }: Pick<Session, 'impersonatorId'>): void {
  if (impersonatorId !== null) throw new ImpersonatedSessionError();
}

/** What the audit log says about an administrator who acts as a person; null for the person. */
export function actOf(
  { impersonatorId }: Pick<Session, 'impersonatorId'>,
  client: Act['client'],
): Act | null {
  return impersonatorId === null
    ? null
    : { actor: { kind: 'administrator', id: impersonatorId }, client };
}

type CheckDeps = Pick<Deps, 'db' | 'clock' | 'random' | 'config'>;

/**
 * True if a live session may still be used. A session in which an administrator acts as a person ends with the session
 * that it was started from, with the administrator's account, with the permission and with IMPERSONATION (IM-3). It also
 * ends when the person has a permission that the administrator lacks (AD-3). It is asked for such sessions alone, in
 * statements of its own, so that it costs no other session anything.
 *
 * The session that was found to have lost its administrator ends for good: granting the permission again does not bring
 * it back.
 */
export async function isInForce(deps: CheckDeps, { session }: Authentication): Promise<boolean> {
  const { impersonatorId } = session;
  if (impersonatorId === null) return true;
  const { id: sessionId } = session;
  const isHeld =
    deps.config.impersonation.enabled &&
    (await run(deps.db, hasLiveImpersonator({ sessionId, now: deps.clock.now() }))) &&
    (await stillMayActAs(deps, { impersonatorId, userId: session.userId }));
  if (!isHeld) await endImpersonation(deps, session);
  return isHeld;
}

/**
 * True if the permissions that count for the administrator now still cover what the start required (AD-3, AD-5). The age of
 * the second factor is not asked again: it only decides whether a session may begin.
 */
async function stillMayActAs(
  deps: Pick<Deps, 'db' | 'clock'>,
  { impersonatorId, userId }: { readonly impersonatorId: string; readonly userId: string },
): Promise<boolean> {
  const administrator = await run(deps.db, findUserById(impersonatorId));
  if (!administrator) return false;
  const held = await permissionsOfPerson(deps, deps.db, administrator);
  const subjects = permissionsOf(await run(deps.db, rolesOfUser(userId)));
  return held.has('USERS_IMPERSONATE') && subjects.isSubsetOf(held);
}

async function endImpersonation(deps: CheckDeps, session: Session): Promise<void> {
  const target = { sessionId: session.id, userId: session.userId };
  const act = actOf(session, null);
  await transaction(deps.db, async (tx) => {
    const now = deps.clock.now();
    const ended = await run(tx, revokeSession({ ...target, now, because: 'impersonation-ended' }));
    // Another request may have ended it already.
    if (ended === 0) return;
    const event = { type: 'IMPERSONATION_ENDED', ...target, client: null } as const;
    await run(tx, recordAudit({ ...deps, ...(act && { act }) }, event));
  });
}
