import { recordAudit } from '../../audit/record.ts';
import { type Executor, run } from '../../db/executor.ts';
import type { AdminToken } from '../../db/tables/admin-token.ts';
import type { Deps } from '../../deps.ts';
import type { Outcome } from '../../graphql/result.ts';
import type { Act } from '../../kernel/act.ts';
import { after, DAY } from '../../kernel/duration.ts';
import { InvalidInputError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/id.ts';
import type { AdminPermission } from '../../role/permissions.ts';
import { requireAllOf } from '../caller.ts';
import { type AdminRequest, adminTransaction } from '../transaction.ts';
import { insertToken, type ListedToken } from './store.ts';
import { createAdminTokenText, hashAdminToken } from './token.ts';

/** The token to create. */
export type NewToken = {
  readonly name: string;
  readonly permissions: readonly AdminPermission[];
  readonly expiresAt: Date;
};

/** A new token, and its text, which is stored nowhere. */
export type AdminTokenCreated = Outcome<'AdminTokenCreated'> & {
  readonly adminToken: ListedToken;
  readonly token: string;
};

/** The longest lifetime of a token (AD-5). */
export const LONGEST_LIFETIME = 366 * DAY;

/**
 * Creates an admin token for a machine. The caller gives away only permissions of their own (AD-3).
 *
 * @throws InvalidInputError for an end that is past or more than a year away; NotAuthenticatedError, MissingPermissionError,
 *   StepUpRequiredError
 */
export async function createAdminToken(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'config'>,
  request: AdminRequest,
  wanted: NewToken,
): Promise<AdminTokenCreated> {
  return await adminTransaction(deps, request, async (tx, { caller, act }) => {
    requireAllOf(caller, wanted.permissions);
    const creator =
      caller.kind === 'PERSON'
        ? { createdById: caller.id, createdByName: null, createdByEmail: caller.name }
        : { createdById: null, createdByName: caller.name, createdByEmail: null };
    return await storeToken({ ...deps, act }, tx, wanted, creator);
  });
}

/** Makes a token and stores its hash, in the transaction of whoever may do so. @throws InvalidInputError */
export async function storeToken(
  deps: Pick<Deps, 'clock' | 'random'> & { readonly act: Act },
  tx: Executor,
  { name, permissions, expiresAt }: NewToken,
  creator: Pick<ListedToken, 'createdById' | 'createdByName' | 'createdByEmail'>,
): Promise<AdminTokenCreated> {
  const now = deps.clock.now();
  if (expiresAt <= now || expiresAt > after(now, LONGEST_LIFETIME)) {
    throw new InvalidInputError([
      { path: ['input', 'expiresAt'], message: 'A token must expire within a year from now.' },
    ]);
  }
  const token = createAdminTokenText(deps);
  const { createdById, createdByName } = creator;
  const row: AdminToken = {
    id: newId(deps),
    ...{ name, expiresAt, createdById, createdByName },
    tokenHash: hashAdminToken(token),
    permissions: [...new Set(permissions)],
    createdAt: now,
    lastUsedAt: null,
    revokedAt: null,
  };
  await run(tx, insertToken(row));
  await run(
    tx,
    recordAudit(deps, {
      type: 'ADMIN_TOKEN_CREATED',
      userId: null,
      client: null,
      detail: { adminToken: row.id, permissions: row.permissions.join(' ') },
    }),
  );
  return { kind: 'AdminTokenCreated', adminToken: { ...row, ...creator }, token };
}
