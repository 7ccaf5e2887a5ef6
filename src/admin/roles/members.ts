import { fitsInToken, namesPermissions } from '../../access-token/custom-claims.ts';
import { type Caller, requireAllOf } from '../../administrator/caller.ts';
import { recordAuditOfEach } from '../../audit/record.ts';
import { type Executor, run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Act } from '../../kernel/act.ts';
import { permissionsOf } from '../../role/permissions.ts';
import {
  administrationOfMembers,
  type ClaimsOfMember,
  claimsOfMembers,
  countMembersUpTo,
  lockMembers,
  memberIds,
  raiseClaimsVersionOfMembers,
} from '../../role/store.ts';

/**
 * The most holders of a role that one transaction takes it from, or changes the administrators' permissions of. Each of
 * them gets an event, and all of it must end within the 2.5 s of a request.
 */
export const MOST_MEMBERS = 1_000;

/** True if more than {@link MOST_MEMBERS} hold a role. It reads no further, however many they are. */
export async function exceedsMostMembers(tx: Executor, role: string): Promise<boolean> {
  return (await run(tx, countMembersUpTo(role, MOST_MEMBERS + 1))) > MOST_MEMBERS;
}

/**
 * Locks the holders of a role for a change that concerns each of them. Run it after the role was locked and before it is
 * changed: a grant of the role that had begun is committed, and a later one waits.
 *
 * @returns the number of holders
 * @throws MissingPermissionError if a holder has a permission that the caller lacks, by whichever role (AD-3)
 */
export async function lockMembersFor(caller: Caller, tx: Executor, role: string): Promise<number> {
  // Sent together: the second statement runs after the first one has the locks.
  const [members, administration] = await Promise.all([
    run(tx, lockMembers(role)),
    run(tx, administrationOfMembers(role)),
  ]);
  requireAllOf(caller, permissionsOf(administration));
  return members;
}

/**
 * Makes the claims of the holders stale (CL-4), and records an event for each of them (AD-6).
 *
 * If more than {@link MOST_MEMBERS} hold the role, only the event of the role itself is recorded: so many hold what the
 * application gives to everybody, and an event for each would exceed the time limit of a request.
 */
export async function noteChange(
  deps: Pick<Deps, 'clock' | 'random'> & { readonly act: Act },
  tx: Executor,
  change: {
    readonly role: string;
    readonly members: number;
    /** False if the access tokens of the holders say the same as before. */
    readonly isInClaims: boolean;
    readonly detail: Readonly<Record<string, string>>;
  },
): Promise<void> {
  const { role, members, isInClaims, detail } = change;
  if (members === 0) return;
  const isForEach = members <= MOST_MEMBERS;
  const [ids] = await Promise.all([
    isForEach ? run(tx, memberIds(role)) : [],
    isInClaims ? run(tx, raiseClaimsVersionOfMembers(role)) : null,
  ]);
  if (!isForEach) return;
  await run(tx, recordAuditOfEach(deps, { type: 'ROLES_CHANGED', detail }, ids));
}

/** The holders that are read at a time. */
const PAGE = 1_000;

/**
 * True if the access token of every holder of a role stays within CLAIMS_MAX_BYTES with the role as it is now (CL-3). It looks
 * at each holder, as the change itself does, and at nobody if CLAIMS does not name `$permissions`.
 */
export async function fitsMembers(
  { config }: Pick<Deps, 'config'>,
  tx: Executor,
  role: string,
): Promise<boolean> {
  if (!namesPermissions(config)) return true;
  let after: ClaimsOfMember['user'] | null = null;
  for (;;) {
    const page: readonly ClaimsOfMember[] = await run(
      tx,
      claimsOfMembers({ role, after, limit: PAGE }),
    );
    if (!page.every((member) => fitsInToken(config, member))) return false;
    after = page.at(-1)?.user ?? null;
    if (page.length < PAGE) return true;
  }
}
