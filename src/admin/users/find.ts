import { run } from '../../db/executor.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import { findIdentity } from '../../identity/store.ts';
import { isId } from '../../kernel/id.ts';
import { findUserByEmail, findUserByExternalId, findUserById } from '../../user/store.ts';

/** One way to name a person. */
export type UserSelector = {
  readonly id?: string | null | undefined;
  /** In canonical form. */
  readonly email?: string | null | undefined;
  readonly identity?: { readonly provider: string; readonly subject: string } | null | undefined;
  readonly externalId?: string | null | undefined;
};

/** @returns null if there is no such person */
export async function findUser(
  { db, config }: Pick<Deps, 'db' | 'config'>,
  { id, email, identity, externalId }: UserSelector,
): Promise<User | null> {
  if (id != null) return isId(id) ? await run(db, findUserById(id)) : null;
  if (email != null) return await run(db, findUserByEmail(email));
  if (externalId != null) return await run(db, findUserByExternalId(externalId));
  if (identity == null) return null;
  const { provider, subject } = identity;
  const configured = config.oauth.providers.find((one) => one.id === provider);
  const found = await run(db, findIdentity({ issuer: configured?.issuer ?? provider, subject }));
  return found && (await run(db, findUserById(found.userId)));
}
