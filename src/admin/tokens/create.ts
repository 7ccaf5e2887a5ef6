import { requireAllOf } from '../../administrator/caller.ts';
import {
  countLiveTokens,
  findToken,
  insertToken,
  type ListedToken,
  MOST_LIVE_TOKENS,
} from '../../administrator/token-store.ts';
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
import { principalOf } from '../caller.ts';
import { type AdminRequest, adminTransaction } from '../transaction.ts';
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
 * Creates an admin token for a machine. The caller gives away only permissions of their own (AD-3). What a person creates,
 * also by means of a token, loses each permission that this person loses.
 *
 * @throws InvalidInputError for an end that is past or more than a year away, and for one token too many; NotAuthenticatedError, MissingPermissionError,
 *   StepUpRequiredError
 */
export async function createAdminToken(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'config'>,
  request: AdminRequest,
  wanted: NewToken,
): Promise<AdminTokenCreated> {
  return await adminTransaction(deps, request, async (tx, { caller, act }) => {
    requireAllOf(caller, wanted.permissions);
    const createdById = principalOf(caller);
    const createdByName = createdById === null ? caller.name : null;
    return await storeToken({ ...deps, act }, tx, wanted, { createdById, createdByName });
  });
}

/** Makes a token and stores its hash, in the transaction of whoever may do so. @throws InvalidInputError */
export async function storeToken(
  deps: Pick<Deps, 'clock' | 'random'> & { readonly act: Act },
  tx: Executor,
  { name, permissions, expiresAt }: NewToken,
  creator: Pick<AdminToken, 'createdById' | 'createdByName'>,
): Promise<AdminTokenCreated> {
  const now = deps.clock.now();
  if (expiresAt <= now || expiresAt > after(now, LONGEST_LIFETIME)) {
    throw new InvalidInputError([
      { path: ['input', 'expiresAt'], message: 'A token must expire within a year from now.' },
    ]);
  }
  if ((await run(tx, countLiveTokens(now))) >= MOST_LIVE_TOKENS) {
    throw new InvalidInputError([
      {
        path: ['input'],
        message: `There are ${MOST_LIVE_TOKENS} live tokens already. Revoke one that nobody uses.`,
      },
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
  const adminToken = await run(tx, findToken(row.id));
  if (!adminToken) throw new TypeError('The token that was inserted is missing.');
  return { kind: 'AdminTokenCreated', adminToken, token };
}
