import { fitsInToken } from '../../access-token/custom-claims.ts';
import { recordAudit } from '../../audit/record.ts';
import { type Executor, run } from '../../db/executor.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Outcome } from '../../graphql/result.ts';
import { InvalidInputError, NotAuthenticatedError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import { namesAndPermissions } from '../../role/held.ts';
import { rolesOfUser } from '../../role/store.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';
import { changeProfile, type Profile } from '../../user/store.ts';

/** The profile was updated. */
export type ProfileUpdated = Outcome<'ProfileUpdated'> & { readonly viewer: Authentication };

/**
 * Updates the person's profile. What is left out stays; null removes.
 *
 * @throws InvalidInputError if the person's access token would exceed CLAIMS_MAX_BYTES with the name (CL-3);
 *   NotAuthenticatedError, MfaEnrollmentRequiredError
 */
export async function updateProfile(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'config'>,
  viewer: Authentication,
  profile: Partial<Profile>,
  client: Client,
): Promise<ProfileUpdated> {
  if (Object.keys(profile).length === 0) return { kind: 'ProfileUpdated', viewer };
  const updated = await viewerTransaction(deps, viewer, 'signedIn', async (tx, current) => {
    const { session } = current;
    const { id: sessionId, userId } = session;
    const user = await run(tx, changeProfile({ userId, profile, now: deps.clock.now() }));
    if (!user) throw new NotAuthenticatedError();
    if (isLonger(user.name, current.user.name)) await requireFit(deps, tx, user);
    await run(tx, recordAudit(deps, { type: 'PROFILE_UPDATED', userId, sessionId, client }));
    return { user, session };
  });
  return { kind: 'ProfileUpdated', viewer: updated };
}

function isLonger(name: string | null, before: string | null): boolean {
  return name !== null && JSON.stringify(name).length > JSON.stringify(before ?? '').length;
}

/**
 * CLAIMS may name `$name`. Otherwise a person could make their token lose the claims by which a service refuses them
 * something.
 */
async function requireFit(
  { config }: Pick<Deps, 'config'>,
  tx: Executor,
  user: User,
): Promise<void> {
  const roles = namesAndPermissions(await run(tx, rolesOfUser(user.id)));
  if (fitsInToken(config, { user, roles })) return;
  const message = 'With this name, the access token would exceed CLAIMS_MAX_BYTES.';
  throw new InvalidInputError([{ path: ['input', 'name'], message }]);
}
