import { recordAudit } from '../../audit/record.ts';
import { type Executor, run } from '../../db/executor.ts';
import { pipeline } from '../../db/pipeline.ts';
import type { Invitation } from '../../db/tables/invitation.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import { takeInvitation } from '../../invitation/store.ts';
import { InvalidTokenError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import { completeAddressProof, endAddressClaims } from '../../proven-address/end-address-claims.ts';
import { requireNotHeld } from '../../proven-address/held-address.ts';
import { lockRegistrations } from '../../registration/store.ts';
import { giveDefaultRoles } from '../../role/held.ts';
import { insertUserRoles, lockRoles, raiseClaimsVersion } from '../../role/store.ts';
import {
  completeFirstFactorIn,
  type FirstFactorOutcome,
} from '../../sign-in-gate/complete-factor.ts';
import { type Accepted, takeUpAccount } from './take-up.ts';

type AcceptDeps = Pick<Deps, 'clock' | 'random' | 'keyring' | 'meter' | 'config'>;

/**
 * Runs in one transaction: the invited person gets the account, the invitation is used up, its roles are given, and
 * the session starts or the challenge is issued. The mailbox is the first factor, so that the second can never be a code that
 * is mailed to it (EO-6).
 *
 * @throws InvalidTokenError, AddressHeld, RateLimitedError
 */
export async function acceptIn(
  deps: AcceptDeps,
  tx: Executor,
  accepted: Accepted,
): Promise<FirstFactorOutcome> {
  const { invitation, client } = accepted;
  const { email, tokenHash } = invitation;
  // Roles before people, as in every operation of an administrator.
  const roles = await lockLivingRoles(tx, invitation);
  const { user, wasProven, isNew } = await takeUpAccount(deps, tx, accepted);
  await requireNotHeld(deps, tx, email);
  // Locks in the same order as `register`: the registrations come before all other rows about the address.
  await run(tx, lockRegistrations(email));
  const spent = await run(tx, takeInvitation({ tokenHash, now: deps.clock.now() }));
  if (!spent) throw new InvalidTokenError();
  if (isNew) await endAddressClaims(deps, tx, email);
  else if (!wasProven) await completeAddressProof(deps, tx, user, { client });
  await giveRoles(deps, tx, user, { roles, isNew });
  await recordAcceptance(deps, tx, user, { invitation, roles, isNew, client });
  return await completeFirstFactorIn(deps, tx, { user, firstFactor: 'email', client });
}

/**
 * The names of the invitation's roles that still exist. A role that was removed is skipped, and so is another one that
 * was made with its name since: nobody has checked that the inviter may give that one (AD-3).
 */
async function lockLivingRoles(
  tx: Executor,
  { roles, createdAt }: Invitation,
): Promise<readonly string[]> {
  if (roles.length === 0) return [];
  const found = await run(tx, lockRoles({ heldBy: [], names: roles, for: 'share' }));
  return found.filter((role) => role.createdAt <= createdAt).map(({ name }) => name);
}

async function giveRoles(
  deps: Pick<Deps, 'clock' | 'config'>,
  tx: Executor,
  user: User,
  { roles, isNew }: { readonly roles: readonly string[]; readonly isNew: boolean },
): Promise<void> {
  const now = deps.clock.now();
  const { defaultRoles } = deps.config.claims;
  await pipeline(tx, [
    ...(roles.length > 0 ? [insertUserRoles(user, roles, now)] : []),
    ...(isNew ? giveDefaultRoles(user.id, defaultRoles, now) : [raiseClaimsVersion(user.id)]),
  ]);
}

async function recordAcceptance(
  deps: Pick<Deps, 'clock' | 'random'>,
  tx: Executor,
  { id: userId }: User,
  about: {
    readonly invitation: Invitation;
    readonly roles: readonly string[];
    readonly isNew: boolean;
    readonly client: Client;
  },
): Promise<void> {
  const { invitation, roles, isNew, client } = about;
  const made = { method: 'invitation' };
  const given = { invitation: invitation.id, roles: roles.join(' ') };
  await pipeline(tx, [
    ...(isNew
      ? [recordAudit(deps, { type: 'ACCOUNT_CREATED', userId, client, detail: made })]
      : []),
    recordAudit(deps, { type: 'INVITATION_ACCEPTED', userId, client, detail: given }),
  ]);
}
