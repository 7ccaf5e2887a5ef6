import { recordAudit } from '../audit/record.ts';
import { type Executor, run } from '../db/executor.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import { revokeSessions } from '../session/store.ts';
import { disableUser, enableUser } from '../user/credential-store.ts';

type ActDeps = Pick<Deps, 'clock' | 'random' | 'act'>;

/**
 * Disables the account of a locked person, for an operator or an administrator. No password, provider or mail gives
 * access until it is enabled again, and a sign-in gets the answer of a wrong password (LG-1). Every session ends at its
 * next request. A service that verifies access tokens by itself accepts one for up to ACCESS_TOKEN_TTL longer.
 *
 * Nothing is written for an account that is already disabled.
 */
export async function disableAccount(
  deps: ActDeps,
  tx: Executor,
  person: User,
): Promise<{
  readonly person: User;
  readonly isChanged: boolean;
  readonly sessionsEnded: number;
}> {
  const userId = person.id;
  const now = deps.clock.now();
  const disabled = await run(tx, disableUser({ userId, reason: deps.act?.reason ?? null, now }));
  if (!disabled) return { person, isChanged: false, sessionsEnded: 0 };
  await run(
    tx,
    recordAudit(deps, { type: 'ACCOUNT_DISABLED', userId, actorId: null, client: null }),
  );
  const sessionsEnded = await run(tx, revokeSessions({ userId, now, because: 'account-disabled' }));
  return { person: disabled, isChanged: true, sessionsEnded };
}

/**
 * Enables the account of a locked person again, with the password and the factors it had. Its sessions stay ended.
 * Nothing is written for an account that is already enabled.
 */
export async function enableAccount(
  deps: ActDeps,
  tx: Executor,
  person: User,
): Promise<{ readonly person: User; readonly isChanged: boolean }> {
  const userId = person.id;
  const enabled = await run(tx, enableUser({ userId, now: deps.clock.now() }));
  if (!enabled) return { person, isChanged: false };
  await run(
    tx,
    recordAudit(deps, { type: 'ACCOUNT_ENABLED', userId, actorId: null, client: null }),
  );
  return { person: enabled, isChanged: true };
}
