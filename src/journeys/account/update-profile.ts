import { recordAudit } from '../../audit/record.ts';
import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Outcome } from '../../graphql/result.ts';
import { NotAuthenticatedError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';
import { setName } from '../../user/store.ts';

/** The profile was updated. */
export type ProfileUpdated = Outcome<'ProfileUpdated'> & { readonly viewer: Authentication };

/**
 * Updates the person's profile.
 *
 * @param input.name null removes the name; undefined leaves it unchanged
 * @throws NotAuthenticatedError, MfaEnrollmentRequiredError
 */
export async function updateProfile(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'config'>,
  viewer: Authentication,
  input: { readonly name: string | null | undefined },
  client: Client,
): Promise<ProfileUpdated> {
  const { name } = input;
  if (name === undefined) return { kind: 'ProfileUpdated', viewer };
  const updated = await viewerTransaction(deps, viewer, 'signedIn', async (tx, { session }) => {
    const { id: sessionId, userId } = session;
    const user = await run(tx, setName({ userId, name, now: deps.clock.now() }));
    if (!user) throw new NotAuthenticatedError();
    await run(tx, recordAudit(deps, { type: 'PROFILE_UPDATED', userId, sessionId, client }));
    return { user, session };
  });
  return { kind: 'ProfileUpdated', viewer: updated };
}
