import { run } from '../../db/executor.ts';
import type { Identity } from '../../db/tables/identity.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import { providerOf } from '../../identity/provider-of.ts';
import { findIdentitiesBySubject, findIdentity } from '../../identity/store.ts';
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
  const found = await findLinked({ db, config }, identity);
  return found && (await run(db, findUserById(found.userId)));
}

/**
 * Finds a linked account by the issuer of its provider, or by what `Identity.provider` shows: the id of a configured
 * provider, of whichever tenant, or the host of another.
 *
 * @returns null also if several accounts have this id, of several issuers; then only the issuer tells them apart
 */
async function findLinked(
  { db, config }: Pick<Deps, 'db' | 'config'>,
  { provider, subject }: { readonly provider: string; readonly subject: string },
): Promise<Identity | null> {
  const configured = config.oauth.providers.find(({ id }) => id === provider);
  const exact = await run(db, findIdentity({ issuer: configured?.issuer ?? provider, subject }));
  if (exact) return exact;
  const all = await run(db, findIdentitiesBySubject(subject));
  const [found = null, ...others] = all.filter(
    ({ issuer }) => providerOf(config, issuer).id === provider,
  );
  return others.length === 0 ? found : null;
}
