import { fitsInToken } from '../../access-token/custom-claims.ts';
import { recordAudit } from '../../audit/record.ts';
import { type Executor, run } from '../../db/executor.ts';
import { pipeline } from '../../db/pipeline.ts';
import type { Invitation } from '../../db/tables/invitation.ts';
import type { Role } from '../../db/tables/role.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import { takeInvitation } from '../../invitation/store.ts';
import { InvalidTokenError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import { completeAddressProof, endAddressClaims } from '../../proven-address/end-address-claims.ts';
import { requireNotHeld } from '../../proven-address/held-address.ts';
import { setNameThatFits } from '../../proven-address/name-that-fits.ts';
import { lockRegistrations } from '../../registration/store.ts';
import { giveDefaultRoles, namesAndPermissions } from '../../role/held.ts';
import { insertUserRoles, raiseClaimsVersion, rolesOfUser } from '../../role/store.ts';
import {
  completeFirstFactorIn,
  type FirstFactorOutcome,
} from '../../sign-in-gate/complete-factor.ts';
import { lockGivableRoles } from './lock-roles.ts';
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
  const givable = await lockGivableRoles(deps, tx, invitation);
  const { user: entering, wasProven, isNew } = await takeUpAccount(deps, tx, accepted);
  await requireNotHeld(deps, tx, email);
  // Locks in the same order as `register`: the registrations come before all other rows about the address.
  await run(tx, lockRegistrations(email));
  const spent = await run(tx, takeInvitation({ tokenHash, now: deps.clock.now() }));
  if (!spent) throw new InvalidTokenError();
  if (isNew) await endAddressClaims(deps, tx, email);
  else if (!wasProven) await completeAddressProof(deps, tx, entering, { client });
  const roles = await giveRoles(deps, tx, entering, { givable, isNew });
  const user = await setNameThatFits(deps, tx, entering, accepted.name);
  await recordAcceptance(deps, tx, user, { invitation, roles, isNew, client });
  return await completeFirstFactorIn(deps, tx, { user, firstFactor: 'email', client });
}

/**
 * Gives the roles of DEFAULT_ROLES to a new person, and those of the invitation if the access token can carry them. What
 * the account says may have grown since the invitation was written, and a sign-in never fails because of roles (CL-3).
 *
 * @returns the names of the invitation's roles that the person has now
 */
async function giveRoles(
  { clock, config }: Pick<Deps, 'clock' | 'config'>,
  tx: Executor,
  user: User,
  { givable, isNew }: { readonly givable: readonly Role[]; readonly isNew: boolean },
): Promise<readonly string[]> {
  const now = clock.now();
  const { defaultRoles } = config.claims;
  await pipeline(
    tx,
    isNew ? giveDefaultRoles(user.id, defaultRoles, now) : [raiseClaimsVersion(user.id)],
  );
  if (givable.length === 0) return [];
  const held = await run(tx, rolesOfUser(user.id));
  const names = givable.map(({ name }) => name);
  const others = held.filter(({ name }) => !names.includes(name));
  if (fitsInToken(config, { user, roles: namesAndPermissions([...others, ...givable]) })) {
    await run(tx, insertUserRoles(user, names, now));
    return names;
  }
  return names.filter((name) => held.some((role) => role.name === name));
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
  const skipped = invitation.roles.filter((name) => !roles.includes(name));
  const given = {
    invitation: invitation.id,
    roles: roles.join(' '),
    ...(skipped.length > 0 && { skipped: skipped.join(' ') }),
  };
  await pipeline(tx, [
    ...(isNew
      ? [recordAudit(deps, { type: 'ACCOUNT_CREATED', userId, client, detail: made })]
      : []),
    recordAudit(deps, { type: 'INVITATION_ACCEPTED', userId, client, detail: given }),
  ]);
}
