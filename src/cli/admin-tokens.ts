import { LONGEST_LIFETIME, storeToken } from '../admin/tokens/create.ts';
import { endToken } from '../admin/tokens/revoke.ts';
import { type ListedToken, listTokens, permissionsInForce } from '../administrator/token-store.ts';
import { run } from '../db/executor.ts';
import { transaction } from '../db/transaction.ts';
import { after, parseDuration } from '../kernel/duration.ts';
import { NoSuchThingError, NotFoundError } from '../kernel/errors.ts';
import { ADMIN_PERMISSION_NAMES, isAdminPermission } from '../role/permissions.ts';
import { command, UNKNOWN } from './command.ts';
import { operatorOf } from './operator.ts';
import { argument, requiredList, requiredOption } from './parameters.ts';
import { withDatabase } from './with-database.ts';

export const adminTokensCreateCommand = command({
  name: 'admin-tokens create',
  summary: "create a token with which a machine calls the administrators' API",
  details:
    'Standard output is the token alone. It is shown this once: only its hash is stored. Send it as Authorization: Bearer lka_….',
  parameters: {
    name: requiredOption({
      placeholder: 'text',
      help: 'the name of the machine or its task',
      read: (text) => (/^[^\p{C}]{1,100}$/u.test(text.trim()) ? text.trim() : null),
      rule: 'must be 1 to 100 printable characters',
    }),
    permission: requiredList({
      placeholder: 'permission',
      help: `what the token may do: ${ADMIN_PERMISSION_NAMES.join(', ')}`,
      read: (text) => (isAdminPermission(text) ? text : null),
      rule: `must be one of ${ADMIN_PERMISSION_NAMES.join(', ')}`,
    }),
    expires: requiredOption({
      placeholder: 'duration',
      help: 'the time until the token expires, such as 90d; at most 365d',
      read(text) {
        const lifetime = parseDuration(text);
        return lifetime !== null && lifetime > 0 && lifetime < LONGEST_LIFETIME ? lifetime : null;
      },
      rule: 'must be a duration such as 12h or 90d, of at most 365d',
    }),
  },
  async run({ name, permission: permissions, expires }, terminal) {
    const { token, adminToken } = await withDatabase(terminal, (deps) =>
      transaction(deps.db, (tx) => {
        const expiresAt = after(deps.clock.now(), expires);
        const creator = { createdById: null, createdByName: operatorOf(terminal) };
        return storeToken(deps, tx, { name, permissions, expiresAt }, creator);
      }),
    );
    return {
      rows: [{ ...rowOf(adminToken), token }],
      lines: [token],
      notes: [
        `${adminToken.id} (${name}) expires ${adminToken.expiresAt.toISOString()}. The token is not shown again.`,
      ],
    };
  },
});

export const adminTokensListCommand = command({
  name: 'admin-tokens list',
  summary: 'show the admin tokens, newest first, with those that have ended',
  details:
    'A token that an administrator created has only those of its permissions that the administrator has now.',
  parameters: {},
  async run(_, terminal) {
    const tokens = await withDatabase(terminal, ({ db, clock }) =>
      run(db, listTokens(clock.now())),
    );
    return {
      rows: tokens.map(rowOf),
      lines: tokens.length === 0 ? ['There are no admin tokens.'] : tokens.map(describe),
    };
  },
});

export const adminTokensRevokeCommand = command({
  name: 'admin-tokens revoke',
  summary: 'revoke an admin token',
  details:
    'It takes effect with the next request. If the token is already revoked, the command succeeds and changes nothing.',
  parameters: {
    id: argument({
      placeholder: 'id',
      help: 'id of the token, as admin-tokens list shows it',
      read: (text) => text,
      rule: 'must name one token',
    }),
  },
  exitCodes: UNKNOWN,
  async run({ id }, terminal) {
    const { adminToken, isChanged } = await withDatabase(terminal, (deps) =>
      transaction(deps.db, (tx) => endToken(deps, tx, id)),
    ).catch(explainUnknown);
    return {
      rows: [{ ...rowOf(adminToken), changed: isChanged }],
      lines: [
        isChanged
          ? `${adminToken.name} is revoked.`
          : `${adminToken.name} was already revoked. Nothing was changed.`,
      ],
    };
  },
});

/** There is no token with this id. */
class UnknownAdminTokenError extends NoSuchThingError {
  override readonly name = 'UnknownAdminTokenError';

  constructor() {
    super('There is no admin token with this id.');
  }
}

function explainUnknown(error: unknown): never {
  throw error instanceof NotFoundError ? new UnknownAdminTokenError() : error;
}

function rowOf(token: ListedToken) {
  const { id, name, createdAt, expiresAt, lastUsedAt, revokedAt } = token;
  const permissions = permissionsInForce(token);
  const createdBy = token.createdByEmail ?? token.createdByName;
  return { id, name, permissions, createdAt, createdBy, expiresAt, lastUsedAt, revokedAt };
}

function describe(token: ListedToken): string {
  const { id, name, permissions, createdBy, expiresAt, lastUsedAt, revokedAt } = rowOf(token);
  const end = revokedAt
    ? `revoked ${revokedAt.toISOString()}`
    : `expires ${expiresAt.toISOString()}`;
  const use = lastUsedAt ? `last used ${lastUsedAt.toISOString()}` : 'never used';
  return `${id}  ${name}  ${permissions.join(' ') || 'no permission'}  by ${createdBy ?? 'a deleted account'}, ${end}, ${use}`;
}
