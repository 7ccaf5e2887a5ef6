import { recordAudit } from '../../audit/record.ts';
import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import { pipeline } from '../../db/pipeline.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import { findIdentity } from '../../identity/store.ts';
import { newId } from '../../kernel/id.ts';
import type { IdentityProvider, ProvenIdentity } from '../../kernel/identity-provider.ts';
import type { Client } from '../../kernel/ports.ts';
import type { OAuthFailure } from '../../proofs/oauth/errors.ts';
import { completeAddressProof, endAddressClaims } from '../../proven-address/end-address-claims.ts';
import { requireNotHeld } from '../../proven-address/held-address.ts';
import { takeOverUnprovenAccount } from '../../proven-address/take-over.ts';
import { giveDefaultRoles } from '../../role/held.ts';
import { findUserByEmail, insertUser, lockUserForShare } from '../../user/store.ts';
import { attachIdentity } from './attach.ts';

/** The account, and the linked identity that led to it. */
type Found = { readonly user: User; readonly identityId: string };

/** Nobody is signed in: the reason, and the account that it concerns. Thrown after the commit. */
export type Refused = {
  readonly refused: OAuthFailure | 'link-required';
  readonly userId: string | null;
};

/**
 * Finds the person of an identity. The identity names the person; its address never does (OA-5). An identity
 * that is not linked yet creates a new account, but only with an address that its provider has verified. An
 * existing account with the address is left alone, unless its address was never verified. Then this is the
 * first proof of the address, and whoever claimed it before loses everything (PR-8).
 */
export async function findPerson(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring' | 'config'>,
  tx: Executor,
  came: { readonly proven: ProvenIdentity; readonly provider: IdentityProvider },
  client: Client,
): Promise<Found | Refused> {
  const { proven, provider } = came;
  const identity = await run(tx, findIdentity(proven));
  if (identity) {
    // Unlinking locks the person's row. Either it commits first, and the second lookup sees it, or it waits for
    // this sign-in and ends its session (SE-10).
    const user = await run(tx, lockUserForShare(identity.userId));
    const isStillLinked = (await run(tx, findIdentity(proven)))?.id === identity.id;
    if (user && isStillLinked) return { user, identityId: identity.id };
    return refuse('account-changed', user);
  }
  const { email } = proven;
  if (email === null) return refuse('no-email', null);
  // Also if the address is taken. Otherwise a provider that verifies nothing would reveal which addresses have
  // accounts.
  if (!proven.emailVerified) return refuse('email-not-verified', null);
  const now = deps.clock.now();
  const made = await run(
    tx,
    insertUser({
      id: newId(deps),
      email,
      name: proven.name,
      passwordHash: null,
      emailVerifiedAt: now,
      createdAt: now,
      updatedAt: now,
    }),
  );
  if (made) {
    await pipeline(tx, giveDefaultRoles(made.id, deps.config.claims.defaultRoles, now));
    await requireNotHeld(deps, tx, email);
    await endAddressClaims(deps, tx, email);
    const detail = { method: 'oauth', provider: provider.id };
    await run(tx, recordAudit(deps, { type: 'ACCOUNT_CREATED', userId: made.id, client, detail }));
    const template = 'account-made-by-provider';
    const link = { ...came, user: made, client, sessionId: null, template } as const;
    return await withIdentity(deps, tx, link);
  }
  const holder = await run(tx, findUserByEmail(email));
  if (!holder) return refuse('account-changed', null);
  if (holder.disabledAt) return refuse('account-disabled', holder);
  // An address of a relay was made for this application and one person at the provider, so an account that has it
  // without the identity is not theirs (AP-3).
  if (proven.isRelayed) return refuse('link-required', holder);
  const claim = { account: { id: holder.id, email }, name: proven.name, password: null };
  const taken = await takeOverUnprovenAccount(deps, tx, claim);
  if (!taken) return refuse('link-required', holder);
  const detail = { method: 'oauth', tookOver: true };
  await completeAddressProof(deps, tx, taken, { client, detail });
  await requireNotHeld(deps, tx, email);
  const template = 'identity-linked';
  return await withIdentity(deps, tx, { ...came, user: taken, client, sessionId: null, template });
}

async function withIdentity(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring' | 'config'>,
  tx: Executor,
  link: Parameters<typeof attachIdentity>[2],
): Promise<Found | Refused> {
  const identity = await attachIdentity(deps, tx, link);
  return identity ? { user: link.user, identityId: identity.id } : refuse('account-changed', null);
}

/** A rejection for the audit log, without a person if the identity leads to none. */
export function refuse(refused: Refused['refused'], user: User | null): Refused {
  return { refused, userId: user?.id ?? null };
}
