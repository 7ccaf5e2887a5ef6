import { recordAudit } from '../../audit/record.ts';
import { isUniqueViolation } from '../../db/errors.ts';
import { type Executor, run } from '../../db/executor.ts';
import { pipeline } from '../../db/pipeline.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import type { Outcome } from '../../graphql/result.ts';
import { ConflictError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/id.ts';
import { endAddressClaims } from '../../proven-address/end-address-claims.ts';
import { requireNotHeld, unlessAddressHeld } from '../../proven-address/held-address.ts';
import { giveDefaultRoles } from '../../role/held.ts';
import { insertUserRoles } from '../../role/store.ts';
import { EmailTakenError } from '../../user/errors.ts';
import { newUser } from '../../user/new-user.ts';
import { insertUser } from '../../user/store.ts';
import { requireGivable, rolesOnEntering } from '../invitations/invited-roles.ts';
import { issueInvitation } from '../invitations/issue.ts';
import { type Acting, type AdminRequest, adminTransaction } from '../transaction.ts';

/** The account to create. */
export type NewAccount = Pick<User, 'email' | 'name' | 'locale' | 'attributes' | 'externalId'> & {
  /** True if the administrator vouches for the address. */
  readonly emailVerified: boolean;
  readonly roles: readonly string[];
  readonly sendInvitation: boolean;
};

/** The account exists, without a password. */
export type UserCreated = Outcome<'UserCreated'> & { readonly user: User };

type CreateDeps = Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'meter' | 'config' | 'outbox'>;

/**
 * Creates an account without a password: nobody but its owner ever chooses one (AD-4). The invitation lets the owner
 * choose it, and proves the address. Without one, the owner gets in with a reset, a mailed sign-in or a provider.
 *
 * @throws EmailTakenError if the address has an account, or an undo can still return it to its earlier one; ConflictError
 *   if another account has the external id; NotFoundError for an unknown role; MissingPermissionError, InvalidInputError,
 *   RateLimitedError, NotAuthenticatedError, StepUpRequiredError
 */
export async function createUser(
  deps: CreateDeps,
  request: AdminRequest,
  account: NewAccount,
): Promise<UserCreated> {
  const giving = { ...request, roles: rolesOnEntering(deps, account.roles) };
  try {
    const user = await unlessAddressHeld(
      deps,
      { userId: null, client: request.client, by: 'administrator' },
      () => adminTransaction(deps, giving, (tx, acting) => create(deps, tx, acting, account)),
      () => new EmailTakenError(),
    );
    deps.outbox.wake();
    return { kind: 'UserCreated', user };
  } catch (error) {
    if (isUniqueViolation(error, 'users_external_id_unique')) throw new ConflictError();
    throw error;
  }
}

async function create(
  deps: CreateDeps,
  tx: Executor,
  acting: Acting,
  account: NewAccount,
): Promise<User> {
  const { emailVerified, sendInvitation, roles, ...profile } = account;
  const { email, name, locale } = profile;
  const now = deps.clock.now();
  const person = newUser({
    id: newId(deps),
    ...profile,
    emailVerifiedAt: emailVerified ? now : null,
    createdAt: now,
  });
  await requireGivable(deps, tx, acting.caller, { roles, person });
  const user = await run(tx, insertUser(person));
  if (!user) throw new EmailTakenError();
  await requireNotHeld(deps, tx, email);
  if (emailVerified) await endAddressClaims(deps, tx, email);
  const userId = user.id;
  const detail = { method: 'administrator', roles: roles.join(' ') };
  const event = { type: 'ACCOUNT_CREATED', userId, client: null, detail } as const;
  await pipeline(tx, [
    ...(roles.length > 0 ? [insertUserRoles(user, roles, now)] : []),
    ...giveDefaultRoles(userId, deps.config.claims.defaultRoles, now),
    recordAudit({ ...deps, act: acting.act }, event),
  ]);
  // The account has the roles already: the invitation gives none.
  const invited = { email, userId, roles: [], name, locale };
  if (sendInvitation) await issueInvitation(deps, tx, acting, invited);
  return user;
}
