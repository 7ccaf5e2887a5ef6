import { recordAudit } from '../../audit/record.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Outcome } from '../../graphql/result.ts';
import { NotAuthenticatedError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import { setName } from '../../user/store.ts';

/** The profile says what was sent. */
export type ProfileUpdated = Outcome<'ProfileUpdated'> & { readonly viewer: Authentication };

/**
 * Changes what a person says of themself.
 *
 * @param input.name null takes it away; undefined leaves it as it is
 * @throws NotAuthenticatedError when the account is gone meanwhile
 */
export async function updateProfile(
  deps: Pick<Deps, 'db' | 'clock' | 'random'>,
  viewer: Authentication,
  input: { readonly name: string | null | undefined },
  client: Client,
): Promise<ProfileUpdated> {
  const { name } = input;
  if (name === undefined) return { kind: 'ProfileUpdated', viewer };
  const userId = viewer.user.id;
  const user = await transaction(deps.db, async (tx) => {
    const updated = await setName(tx, { userId, name, now: deps.clock.now() });
    if (!updated) throw new NotAuthenticatedError();
    const sessionId = viewer.session.id;
    await recordAudit(deps, tx, { type: 'PROFILE_UPDATED', userId, sessionId, client });
    return updated;
  });
  return { kind: 'ProfileUpdated', viewer: { ...viewer, user } };
}
