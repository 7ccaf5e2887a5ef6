import { findToken, type ListedToken, revokeToken } from '../../administrator/token-store.ts';
import { recordAudit } from '../../audit/record.ts';
import { type Executor, run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Outcome } from '../../graphql/result.ts';
import type { Act } from '../../kernel/act.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { isId } from '../../kernel/id.ts';
import { type AdminRequest, adminTransaction } from '../transaction.ts';

/** The token gives no access any more. */
export type AdminTokenRevoked = Outcome<'AdminTokenRevoked'> & { readonly adminToken: ListedToken };

/**
 * Revokes a token, with its next call (AD-5). If it is revoked already, nothing changes. A caller may revoke a token with
 * more permissions than their own: that only takes access away, and whoever finds a leaked token must be able to.
 *
 * @throws NotFoundError, NotAuthenticatedError, MissingPermissionError, StepUpRequiredError
 */
export async function revokeAdminToken(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'config'>,
  request: AdminRequest,
  id: string,
): Promise<AdminTokenRevoked> {
  return await adminTransaction(deps, request, async (tx, { act }) => ({
    kind: 'AdminTokenRevoked',
    adminToken: (await endToken({ ...deps, act }, tx, id)).adminToken,
  }));
}

/** Revokes a token in the transaction of whoever may do so. @throws NotFoundError */
export async function endToken(
  deps: Pick<Deps, 'clock' | 'random'> & { readonly act: Act },
  tx: Executor,
  id: string,
): Promise<{ readonly adminToken: ListedToken; readonly isChanged: boolean }> {
  const revoked = isId(id) ? await run(tx, revokeToken(id, deps.clock.now())) : null;
  const adminToken = isId(id) ? await run(tx, findToken(id)) : null;
  if (!adminToken) throw new NotFoundError();
  if (revoked) {
    const detail = { adminToken: id };
    await run(
      tx,
      recordAudit(deps, { type: 'ADMIN_TOKEN_REVOKED', userId: null, client: null, detail }),
    );
  }
  return { adminToken, isChanged: revoked !== null };
}
